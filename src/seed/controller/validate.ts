import type { Host } from '#system/host.ts';
import type { KubernetesApi, KubernetesObject, ObjectKind } from '#system/kubernetesApi.ts';
import { systemd } from '#system/systemd.ts';
import { isSanitised, KUBELET_AUTHFILE } from '../pullSecret.ts';

/** Something that a system must be, or must not have, to be made a seed (lifecycle-agent 5.4). */
interface SystemCheck {
  readonly name: string;
  /** Why it can not be a seed; empty when it can. */
  reasons(host: Host, api: KubernetesApi): Promise<string[]>;
}

const HUB_GROUP = 'operator.open-cluster-management.io';
const DNSMASQ_SCRIPT = '/usr/local/bin/dnsmasq_config.sh';
const CONTAINERS_MOUNT = 'var-lib-containers.mount';
const OLDEST_OADP = [1, 3, 1];

/** What must not be there: it belongs to the seed's site and would be on every clone. */
const none = (what: string, kind: ObjectKind): SystemCheck => ({
  name: what,
  reasons: async (_, api) => {
    const found = await listIfServed(api, kind);
    const names = found.map(({ metadata }) => metadata.name).join(', ');
    return found.length === 0 ? [] : [`there must be no ${kind.kind}, but there is ${names}`];
  },
});

const CHECKS: readonly SystemCheck[] = [
  {
    name: 'ostree',
    reasons: async (host) => {
      const { stdout, stderr } = await host.run(['ostree', 'admin', '--help'], { okCodes: [0, 1] });
      return `${stdout}${stderr}`.includes('set-default') ? [] : ['"ostree admin" has no set-default'];
    },
  },
  {
    name: 'container storage',
    reasons: async (host) => {
      if (await systemd(host).isActive(CONTAINERS_MOUNT)) return [];
      return [`/var/lib/containers must be a mount of its own, but ${CONTAINERS_MOUNT} is not active`];
    },
  },
  {
    name: 'hub',
    reasons: async (_, api) => {
      const klusterlet = await api.findResource({ apiVersion: `${HUB_GROUP}/v1`, kind: 'Klusterlet' });
      return klusterlet === undefined
        ? []
        : ['the cluster is still attached to a hub: Klusterlets are served'];
    },
  },
  {
    name: 'hub add-ons',
    reasons: async (_, api) => {
      const namespaces = await api.list({ apiVersion: 'v1', kind: 'Namespace' });
      return namespaces
        .map(({ metadata }) => metadata.name ?? '')
        .filter((name) => name.startsWith('open-cluster-management-addon-'))
        .map((name) => `namespace ${name} of a hub's add-on is there`);
    },
  },
  {
    name: 'dnsmasq',
    reasons: async (host) =>
      (await host.files.exists(DNSMASQ_SCRIPT))
        ? []
        : [`${DNSMASQ_SCRIPT} is missing, so that clones could not find their own names`],
  },
  {
    name: 'pull secret',
    reasons: async (host) => {
      const text = await host.files.readIfExists(KUBELET_AUTHFILE);
      if (text === undefined || !isSanitised(text)) return [];
      return [`${KUBELET_AUTHFILE} is still the empty one of an earlier seed generation`];
    },
  },
  none('persistent volumes', { apiVersion: 'v1', kind: 'PersistentVolume' }),
  none('local volumes', { apiVersion: 'local.storage.openshift.io/v1', kind: 'LocalVolume' }),
  none('LVM clusters', { apiVersion: 'lvm.topolvm.io/v1alpha1', kind: 'LVMCluster' }),
  none('backup configuration', {
    apiVersion: 'oadp.openshift.io/v1alpha1',
    kind: 'DataProtectionApplication',
  }),
  {
    name: 'backup operator',
    reasons: async (_, api) => {
      const versions = await listIfServed(api, {
        apiVersion: 'operators.coreos.com/v1alpha1',
        kind: 'ClusterServiceVersion',
      });
      return versions
        .map(({ metadata }) => metadata.name ?? '')
        .filter((name) => name.startsWith('oadp-operator.') && isOlder(name, OLDEST_OADP))
        .map((name) => `${name} is older than ${OLDEST_OADP.join('.')}`);
    },
  },
];

/** Everything that keeps this system from being a seed, as `check: reason`; the original tells the first only. */
export async function findRejections(host: Host, api: KubernetesApi): Promise<string[]> {
  const found: string[] = [];
  for (const check of CHECKS) {
    found.push(...(await check.reasons(host, api)).map((reason) => `${check.name}: ${reason}`));
  }
  return found;
}

async function listIfServed(api: KubernetesApi, kind: ObjectKind): Promise<KubernetesObject[]> {
  return (await api.findResource(kind)) === undefined ? [] : api.list(kind);
}

/** `oadp-operator.v1.3.0` */
function isOlder(name: string, than: readonly number[]): boolean {
  const version = /\.v(\d+)\.(\d+)\.(\d+)/.exec(name)?.slice(1).map(Number);
  if (version === undefined) return false;
  const differing = version.findIndex((part, index) => part !== than[index]);
  return differing >= 0 && version[differing]! < than[differing]!;
}
