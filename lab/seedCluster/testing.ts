import type { KeyObject } from 'node:crypto';
import * as fc from 'fast-check';
import type { KeySource } from '#pki/keySource.ts';
import { generateKey } from '#pki/keys.ts';
import { type LabImages, labImages, type SeedIdentity } from './identity.ts';
import type { UserWorkload } from './workload.ts';

/** Keys that are cheap to make, and a record of every one that was handed out. */
export class CheapKeys implements KeySource {
  readonly made: KeyObject[] = [];

  async next(): Promise<KeyObject> {
    const key = await generateKey({ type: 'ec', curve: 'P-256' });
    this.made.push(key);
    return key;
  }
}

const IMAGE_NAMES = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'pause',
  'web',
];

const testImages = (): LabImages => labImages(IMAGE_NAMES.map((name) => `r.example:1/x/${name}:9`));

const label = fc
  .tuple(fc.constantFrom('k', 'node', 'edge'), fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/))
  .map((parts) => parts.join('-'));

/** Identities with names and addresses of every shape: dashes, dots, digits. */
export const anyIdentity: fc.Arbitrary<SeedIdentity> = fc
  .record({
    clusterName: label,
    baseDomain: fc.tuple(label, label).map((parts) => parts.join('.')),
    hostname: fc.oneof(
      label,
      fc.tuple(label, label).map((parts) => parts.join('.')),
    ),
    subnet: fc.nat({ max: 255 }),
    node: fc.integer({ min: 2, max: 254 }),
    clusterID: fc.uuid(),
  })
  .map(({ subnet, node, ...rest }) => ({
    ...rest,
    nodeIp: `10.7.${subnet}.${node}`,
    machineNetwork: `10.7.${subnet}.0/24`,
    gateway: `10.7.${subnet}.1`,
    infraID: `${rest.clusterName}-q8w3e`,
    releaseVersion: '9.8.7',
    images: testImages(),
    sshPublicKey: 'ssh-ed25519 AAAA test',
  }));

export const testIdentity = (): SeedIdentity => fc.sample(anyIdentity, 1)[0]!;

export const testWorkload: UserWorkload = {
  namespace: 'shop',
  secretValue: 'secret-9f2',
  configValue: 'config-1c7',
  replicas: 1,
  nodePort: 31234,
};
