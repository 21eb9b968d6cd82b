import { Failure } from '#base/failure.ts';
import { scanPem } from '#formats/pem.ts';
import { dataOf } from '#k8s/data.ts';
import type { Resource } from '#k8s/resource.ts';

/** Key of every ConfigMap that holds a trust bundle. */
export const BUNDLE_KEY = 'ca-bundle.crt';
export const USER_BUNDLE = 'user-ca-bundle';
const MERGED_BUNDLE = 'configmaps/openshift-config-managed/trusted-ca-bundle';

/** The bundle that the proxy's certificate is checked with. */
export interface ProxyTrust {
  /** Its ConfigMap in the namespace openshift-config. */
  readonly configMap: string;
  readonly bundle: string;
}

/** The same, with what the network operator makes of it. */
export interface MergedProxyTrust extends ProxyTrust {
  /** Before the system's authorities; undefined where the cluster has no merged bundle. */
  readonly merged: string | undefined;
}

/** What every holder of the merged bundle is to hold, as far as the cluster has one. */
export function mergedProxyTrust(
  trust: ProxyTrust,
  find: (path: string) => Resource | undefined,
): MergedProxyTrust {
  const textOf = (path: string) => {
    const configMap = find(path);
    return configMap && dataOf(configMap, BUNDLE_KEY);
  };
  const present = textOf(MERGED_BUNDLE);
  const old = textOf(`configmaps/openshift-config/${trust.configMap}`) ?? '';
  if (present === undefined) return { ...trust, merged: undefined };
  return { ...trust, merged: endedLine(trust.bundle) + systemPart(present, old, trust.configMap) };
}

const endedLine = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/**
 * The merged bundle is the proxy's, then the system's (cluster-network-operator). A merged bundle that does not begin
 * with the proxy's is the system's alone: a proxy that trusted nothing of its own. The original looks for the last
 * certificate of the proxy's bundle only after it has replaced that bundle, so it finds none.
 */
function systemPart(merged: string, own: string, configMap: string): string {
  if (merged.startsWith(own)) {
    const rest = merged.slice(own.length);
    return own === endedLine(own) ? rest : rest.replace(/^\r?\n/, '');
  }
  const [all, owned] = [scanPem(merged).blocks, scanPem(own).blocks];
  const differing = owned.findIndex((block, index) => all[index]?.der.equals(block.der) !== true);
  const shared = differing === -1 ? owned.length : differing;
  if (shared === 0) return merged;
  if (shared < owned.length) {
    throw new Failure({
      code: 'recert/broken',
      message: `${MERGED_BUNDLE} begins with only ${shared} of the ${owned.length} certificates of configmaps/openshift-config/${configMap}`,
      hint: 'wait on the seed cluster until the network operator has merged the bundle, and make the seed anew',
    });
  }
  const end = all[shared - 1]!.end;
  return Buffer.from(merged)
    .subarray(end)
    .toString()
    .replace(/^\r?\n/, '');
}
