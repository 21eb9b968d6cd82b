import { randomBytes, randomUUID } from 'node:crypto';
import { stringify } from 'yaml';
import { Failure } from '#base/failure.ts';
import { NSPAWN_INTERFACE } from '#machines/nspawnCommand.ts';
import type { WantedIdentity } from './comparison/rows.ts';
import { LAB_NETWORK } from './network.ts';
import { CLUSTER_NETWORK, pullSecret, SERVICE_NETWORK } from './seedCluster/identity.ts';

/** What a clone is to be; everything that is left out is made up anew for each clone. */
export interface CloneOptions {
  readonly name?: string | undefined;
  readonly baseDomain?: string | undefined;
  readonly hostname?: string | undefined;
  readonly ip?: string | undefined;
}

/** @param taken addresses of the lab's machines */
export function wantedClone(options: CloneOptions, taken: readonly string[]): WantedIdentity {
  const clusterName = options.name ?? `clone-${randomBytes(3).toString('hex')}`;
  checkCloneName(clusterName);
  return {
    clusterName,
    baseDomain: options.baseDomain ?? 'sites.example.net',
    hostname: options.hostname ?? `${clusterName}-node`,
    nodeIp: options.ip ?? freeAddress(taken),
    clusterId: randomUUID(),
  };
}

/** As a machine's name, with room for `live-` before it while it is installed. */
const CLONE_NAME = /^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/;

/** Failure `lab/clone-name`. */
export function checkCloneName(name: string): void {
  if (CLONE_NAME.test(name)) return;
  throw new Failure({
    code: 'lab/clone-name',
    message: `"${name}" is not usable as the name of a clone`,
    hint: 'use up to 15 lower-case letters, digits and inner dashes, the number of a fleet included',
  });
}

/** Several at once; `options.name` is what their names begin with. */
export function wantedFleet(
  options: Pick<CloneOptions, 'name' | 'baseDomain'>,
  count: number,
  taken: readonly string[],
): WantedIdentity[] {
  const stem = options.name ?? `clone-${randomBytes(2).toString('hex')}`;
  const addresses = [...taken];
  return Array.from({ length: count }, (_, index) => {
    const wanted = wantedClone({ ...options, name: `${stem}-${index + 1}` }, addresses);
    addresses.push(wanted.nodeIp);
    return wanted;
  });
}

function freeAddress(taken: readonly string[]): string {
  for (let host = 20; host < 250; host++) {
    const address = LAB_NETWORK.gateway.replace(/\d+$/, String(host));
    if (!taken.includes(address)) return address;
  }
  throw new Error('the lab network is full');
}

/** The files that a user writes for `openshift-install image-based create config-image`. */
export function configImageInputs(
  wanted: WantedIdentity,
  trustBundle: string,
  networkInterface: string = NSPAWN_INTERFACE,
): Readonly<Record<string, string>> {
  return {
    'install-config.yaml': stringify(installConfig(wanted, trustBundle)),
    'image-based-config.yaml': stringify(imageBasedConfig(wanted, networkInterface)),
    'extra-manifests/site.yaml': stringify(siteManifest(wanted)),
  };
}

const installConfig = (wanted: WantedIdentity, trustBundle: string) => ({
  apiVersion: 'v1',
  metadata: { name: wanted.clusterName },
  baseDomain: wanted.baseDomain,
  controlPlane: { name: 'master', replicas: 1 },
  compute: [{ name: 'worker', replicas: 0 }],
  networking: {
    networkType: 'OVNKubernetes',
    machineNetwork: [{ cidr: LAB_NETWORK.subnet }],
    clusterNetwork: [{ cidr: CLUSTER_NETWORK, hostPrefix: 23 }],
    serviceNetwork: [SERVICE_NETWORK],
  },
  platform: { none: {} },
  pullSecret: pullSecret(),
  additionalTrustBundle: trustBundle,
  additionalTrustBundlePolicy: 'Always',
});

const imageBasedConfig = (wanted: WantedIdentity, networkInterface: string) => ({
  apiVersion: 'v1beta1',
  kind: 'ImageBasedConfig',
  metadata: { name: wanted.clusterName },
  hostname: wanted.hostname,
  cluster_id: wanted.clusterId,
  networkConfig: {
    interfaces: [
      {
        name: networkInterface,
        type: 'ethernet',
        state: 'up',
        ipv4: {
          enabled: true,
          dhcp: false,
          address: [{ ip: wanted.nodeIp, 'prefix-length': LAB_NETWORK.prefixLength }],
        },
        ipv6: { enabled: false },
      },
    ],
    routes: {
      config: [
        {
          destination: '0.0.0.0/0',
          'next-hop-address': LAB_NETWORK.gateway,
          'next-hop-interface': networkInterface,
        },
      ],
    },
  },
});

export const SITE_CONFIG_MAP = { name: 'site', namespace: 'default' } as const;

const siteManifest = (wanted: WantedIdentity) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: SITE_CONFIG_MAP,
  data: { site: wanted.hostname },
});
