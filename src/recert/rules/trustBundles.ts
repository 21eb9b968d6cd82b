import { nodeAt, replaceText, textAt } from '#formats/document.ts';
import { dataOf, labelOf, setData } from '#k8s/data.ts';
import { documentOf, editResource, type Resource } from '#k8s/resource.ts';
import type { Renames } from '../renames.ts';
import { BUNDLE_KEY, type MergedProxyTrust, USER_BUNDLE } from '../trustBundles.ts';
import { carriedFileRules } from './machineConfigFile.ts';
import {
  baseName,
  broken,
  endsWithPath,
  type FileRule,
  NothingToRename,
  type ObjectRule,
  present,
} from './rule.ts';

const CONFIG_MAPS = 'configmaps/openshift-config/';
const ANCHOR = 'anchors/openshift-config-user-ca-bundle.crt';
const INJECTED = 'config.openshift.io/inject-trusted-cabundle';
const HASH_LABEL = 'monitoring.openshift.io/hash';

const replacesUserBundle = (renames: Renames): boolean => renames.userCaBundle !== undefined;
const replacesProxyTrust = (renames: Renames): boolean => renames.proxyTrust !== undefined;
const hasMergedBundle = (renames: Renames): boolean => renames.proxyTrust?.merged !== undefined;

function proxyTrustOf(renames: Renames): MergedProxyTrust {
  if (renames.proxyTrust === undefined) throw new Error('rule applied without a bundle for the proxy');
  return renames.proxyTrust;
}

function mergedOf(renames: Renames): string {
  const { merged } = proxyTrustOf(renames);
  if (merged === undefined) throw new NothingToRename('the cluster has no merged bundle');
  return merged;
}

const CARRIED = carriedFileRules({
  name: 'user-ca-bundle',
  path: `/etc/pki/ca-trust/source/${ANCHOR}`,
  isWanted: replacesUserBundle,
  edit: (_text, { renames }) => renames.userCaBundle ?? '',
});

const USER_BUNDLE_RULES: readonly ObjectRule[] = [
  CARRIED.objects,
  {
    name: 'controller-config-user-ca-bundle',
    objects: ['machineconfiguration.openshift.io/controllerconfigs/machine-config-controller'],
    isUsual: true,
    isWanted: replacesUserBundle,
    edit: (config, { renames }) =>
      editResource(config, (root) => {
        const bundle = present(nodeAt(root, 'spec', 'additionalTrustBundle'), '/spec/additionalTrustBundle');
        replaceText(bundle, Buffer.from(renames.userCaBundle ?? '').toString('base64'));
      }),
  },
  {
    name: 'user-ca-bundle',
    objects: [CONFIG_MAPS + USER_BUNDLE],
    isUsual: true,
    isWanted: replacesUserBundle,
    edit: (configMap, { renames }) => setData(configMap, BUNDLE_KEY, renames.userCaBundle ?? ''),
  },
];

const PROXY_TRUST_RULES: readonly ObjectRule[] = [
  {
    name: 'proxy-trusted-ca',
    objects: ['config.openshift.io/proxies/cluster'],
    isUsual: true,
    isWanted: replacesProxyTrust,
    edit: (proxy, { renames, find }) => {
      const { configMap } = proxyTrustOf(renames);
      const trusted = textAt(documentOf(proxy), 'spec', 'trustedCA', 'name') ?? '';
      if (trusted === configMap) return proxy;
      if (trusted !== '')
        throw broken(`/spec/trustedCA/name is ${trusted}, but proxy_trusted_ca_bundle is for ${configMap}`);
      // The network operator rejects a proxy whose bundle does not exist.
      if (find(CONFIG_MAPS + configMap) === undefined)
        throw new NothingToRename(`${CONFIG_MAPS}${configMap} is missing`);
      return editResource(proxy, (root) =>
        present(root.get('spec'), '/spec').set('trustedCA', { name: configMap }),
      );
    },
  },
  {
    name: 'proxy-ca-bundle',
    objects: [`${CONFIG_MAPS}*`],
    isWanted: replacesProxyTrust,
    edit: (configMap, { renames }) => {
      const trust = proxyTrustOf(renames);
      if (baseName(configMap.key) !== trust.configMap) return configMap;
      return setData(configMap, BUNDLE_KEY, trust.bundle);
    },
  },
  {
    name: 'merged-ca-bundle',
    objects: [
      'configmaps/openshift-config-managed/trusted-ca-bundle',
      'configmaps/openshift-cloud-controller-manager/ccm-trusted-ca',
    ],
    isUsual: true,
    isWanted: replacesProxyTrust,
    edit: (configMap, { renames }) => setData(configMap, BUNDLE_KEY, mergedOf(renames)),
  },
  {
    name: 'injected-ca-bundles',
    objects: ['configmaps/*'],
    isWanted: hasMergedBundle,
    edit: (configMap, { renames }) =>
      labelOf(configMap, INJECTED) === undefined
        ? configMap
        : setData(configMap, BUNDLE_KEY, mergedOf(renames)),
  },
  {
    name: 'monitoring-ca-bundles',
    objects: ['configmaps/openshift-monitoring/*'],
    isWanted: hasMergedBundle,
    edit: (configMap, { renames }) => editHashed(configMap, mergedOf(renames)),
  },
  {
    name: 'openshift-user-ca',
    objects: ['configmaps/openshift-controller-manager/openshift-user-ca'],
    isUsual: true,
    isWanted: replacesProxyTrust,
    edit: (configMap, { renames }) => setData(configMap, BUNDLE_KEY, proxyTrustOf(renames).bundle),
  },
];

/** In the order of spec recert 8.10: the user's bundle, then what the proxy trusts. */
export const TRUST_BUNDLE_RULES: readonly ObjectRule[] = [...USER_BUNDLE_RULES, ...PROXY_TRUST_RULES];

export const TRUST_BUNDLE_FILES: readonly FileRule[] = [
  CARRIED.files,
  {
    name: 'user-ca-bundle-file',
    isWanted: replacesUserBundle,
    matches: (path) => endsWithPath(path, ANCHOR),
    edit: (_text, { renames }) => renames.userCaBundle ?? '',
  },
  {
    name: 'merged-ca-bundle-files',
    isWanted: hasMergedBundle,
    matches: (path) => endsWithPath(path, `configmaps/trusted-ca-bundle/${BUNDLE_KEY}`),
    edit: (_text, { renames }) => mergedOf(renames),
  },
];

/** Monitoring's copies have the hash of their bundle as a label and at the end of the name. */
function editHashed(configMap: Resource, bundle: string): Resource {
  const name = baseName(configMap.key);
  const hash = labelOf(configMap, HASH_LABEL);
  if (hash === undefined || !name.endsWith(`-trusted-ca-bundle-${hash}`)) return configMap;
  if (bundleHash(dataOf(configMap, BUNDLE_KEY) ?? '') !== hash)
    throw new NothingToRename(`its bundle does not have the hash ${hash}, monitoring will replace it`);
  const wanted = bundleHash(bundle);
  const renamed = name.slice(0, -hash.length) + wanted;
  const edited = editResource(setData(configMap, BUNDLE_KEY, bundle), (root) => {
    replaceText(nodeAt(root, 'metadata', 'labels', HASH_LABEL), wanted);
    replaceText(nodeAt(root, 'metadata', 'name'), renamed);
  });
  return wanted === hash ? edited : { ...edited, key: configMap.key.slice(0, -name.length) + renamed };
}

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** Go: FNV-1 (64 bit) as `strconv.FormatUint(hash, 32)`. */
export function bundleHash(text: string): string {
  let hash = OFFSET;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, hash * PRIME) ^ BigInt(byte);
  return hash.toString(32);
}
