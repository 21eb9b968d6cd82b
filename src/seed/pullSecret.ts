import { Failure } from '#base/failure.ts';
import type { KubernetesApi } from '#system/kubernetesApi.ts';
import { SEED_PATHS, type SeedContext } from './context.ts';

/**
 * The kubelet's credentials, of which `create` may have been told that they are its own too: the default of
 * `--authfile` (lifecycle-agent 2.1).
 */
export const KUBELET_AUTHFILE = '/var/lib/kubelet/config.json';

/** As the original has it while a seed is taken (lifecycle-agent 2.4): well formed, and good for nothing. */
export const SANITISED_PULL_SECRET = JSON.stringify({
  auths: {
    'registry.connect.redhat.com': {
      ...{ username: 'empty', password: 'empty' },
      ...{ auth: Buffer.from('empty:empty').toString('base64'), email: '' },
    },
  },
});

const KEPT_SECRET = `${SEED_PATHS.keys}/pull-secret.json`;
const KEPT_AUTHFILE = `${SEED_PATHS.keys}/kubelet-config.json`;

/**
 * Keeps the pull secret of the cluster and the kubelet's copy aside, readable by root only. Failure
 * `seed/pull-secret-sanitised` when the cluster has none of its own any more (lifecycle-agent 5.4, 6).
 */
export async function keepPullSecret({ host }: SeedContext, api: KubernetesApi): Promise<void> {
  const secret = await api.get(
    { apiVersion: 'v1', kind: 'Secret' },
    { namespace: 'openshift-config', name: 'pull-secret' },
  );
  const encoded = (secret?.['data'] as Record<string, string> | undefined)?.['.dockerconfigjson'];
  const file = await host.files.readIfExists(KUBELET_AUTHFILE);
  const text = encoded === undefined ? file : Buffer.from(encoded, 'base64');
  if (text !== undefined && isSanitised(text)) throw sanitised();
  if (text !== undefined) await host.files.write(KEPT_SECRET, text, { mode: 0o600 });
  if (file !== undefined) await host.files.write(KEPT_AUTHFILE, file, { mode: 0o600 });
}

/** What recert has to put in place of the pull secret, so that none of the seed's travels; nothing where there is none. */
export const sanitisedPullSecret = async ({ host }: SeedContext): Promise<string | undefined> =>
  (await host.files.exists(KEPT_SECRET)) ? SANITISED_PULL_SECRET : undefined;

export const keptPullSecret = async ({ host }: SeedContext): Promise<string | undefined> =>
  (await host.files.readIfExists(KEPT_SECRET))?.toString('utf8');

/** The kubelet's copy as it was: its text need not be that of the Secret. */
export async function restoreKubeletAuthfile({ host }: SeedContext): Promise<void> {
  const kept = await host.files.readIfExists(KEPT_AUTHFILE);
  if (kept !== undefined) await host.files.write(KUBELET_AUTHFILE, kept, { mode: 0o600 });
}

/** The registry credentials to use, also while those of the kubelet are good for nothing. */
export async function usableAuthfile({ host, options }: SeedContext): Promise<string> {
  const { authfile } = options;
  return authfile === KUBELET_AUTHFILE && (await host.files.exists(KEPT_AUTHFILE)) ? KEPT_AUTHFILE : authfile;
}

/** True for the stand-in, however it is spaced. */
export function isSanitised(text: Buffer): boolean {
  try {
    return JSON.stringify(JSON.parse(text.toString('utf8'))) === SANITISED_PULL_SECRET;
  } catch {
    return false; // whatever it is, it is the cluster's own
  }
}

const sanitised = (): Failure =>
  new Failure({
    code: 'seed/pull-secret-sanitised',
    message: "the cluster's pull secret is the empty one that stands in for it while a seed is made",
    hint: 'give Secret openshift-config/pull-secret its content back, wait for the machine config pools, and try again',
  });
