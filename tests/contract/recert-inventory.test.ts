import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { CryptoInventory } from '#api/cryptoInventory.ts';
import { scanPem } from '#formats/pem.ts';
import { extractTraits } from '#lab/secretScanner/extract.ts';
import type { Trait } from '#lab/secretScanner/keyMaterial.ts';
import { inspect } from '#recert/inspect.ts';
import { MemoryEtcd, type TestCluster, testMeans } from '#recert/testing.ts';
import { MemoryHost } from '#system/testing.ts';
import { scatteredCluster } from './scatteredCluster.ts';

/** Repeat a failed run with its seed: `SCATTER_SEED=123 npx vitest run tests/contract/recert-inventory.test.ts`. */
const SEED = Number(process.env['SCATTER_SEED'] ?? Date.now() % 1_000_000);
const ROUNDS = 12;
console.info(`SCATTER_SEED=${SEED}`);

/** How often something is at a place. */
type Tally = Map<string, number>;

function count(tally: Tally, place: string, what: string): void {
  const entry = `${place}: ${what}`;
  tally.set(entry, (tally.get(entry) ?? 0) + 1);
}

/** Of marks that recert knows things by: which one is in these bytes. */
function nameOf(inventory: CryptoInventory, kind: string, bytes: Buffer): string {
  const mark = inventory.marks.find(
    ({ what, bytes: mark }) => what.startsWith(kind) && bytes.includes(Buffer.from(mark, 'base64')),
  );
  return mark?.what ?? `${kind} that inspect does not know (${bytes.toString('hex', 0, 8)})`;
}

function nameOfTrait(inventory: CryptoInventory, { kind, distinctive, sha256 }: Trait): string | undefined {
  const [bytes] = distinctive;
  if (kind === 'certificate') return `certificate ${sha256}`;
  if (kind === 'public-key') return nameOf(inventory, 'key', bytes!);
  if (kind === 'token') return nameOf(inventory, 'token', Buffer.from(bytes!.toString(), 'base64url'));
  return kind === 'private-key' ? kind : undefined;
}

/** By the independent scanner: certificates, private keys, tokens, and public keys in all of these. */
function tallyOfBytes({ objects, files, foreign }: TestCluster, inventory: CryptoInventory): Tally {
  const tally: Tally = new Map();
  const external = createHash('sha256').update(scanPem(foreign).blocks[0]!.der).digest('hex');
  const places = [
    ...objects,
    ...Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const),
  ];
  for (const [place, bytes] of places)
    for (const trait of extractTraits(bytes)) {
      const name = trait.sha256 === external ? undefined : nameOfTrait(inventory, trait);
      if (name !== undefined) count(tally, place, name);
    }
  return tally;
}

/** The same by what inspect says. */
function tallyOfInventory(inventory: CryptoInventory): Tally {
  const tally: Tally = new Map();
  const add = (locations: readonly string[], ...names: readonly string[]): void => {
    for (const location of locations) for (const name of names) count(tally, placeOf(location), name);
  };
  const keyName = (fingerprint: string): string => `key ${fingerprint.slice(0, 16)}`;
  for (const { fingerprint, key, locations } of inventory.certificates)
    add(locations, `certificate ${fingerprint}`, keyName(key));
  for (const { fingerprint, privateLocations, publicLocations } of inventory.keys) {
    add(privateLocations, 'private-key', keyName(fingerprint));
    add(publicLocations, keyName(fingerprint));
  }
  for (const { subject, locations } of inventory.tokens) add(locations, `token of ${subject}`);
  return tally;
}

/** `k8s: Kind/namespace:name /pointer, ...` and `file: /path ...` as the key in etcd and the path. */
function placeOf(location: string): string {
  const [, path] = /^file: (\S+?),? /.exec(location) ?? [];
  if (path !== undefined) return path;
  const [, kind = '', namespace = '', name = ''] = /^k8s: (\w+)\/([^:]+):(\S+) /.exec(location) ?? [];
  if (namespace === 'cluster-scoped')
    return `/kubernetes.io/machineconfiguration.openshift.io/${kind.toLowerCase()}s/${name}`;
  return `/kubernetes.io/${kind.toLowerCase()}s/${namespace}/${name}`;
}

const sorted = (tally: Tally): string[] => [...tally].map(([entry, times]) => `${entry} x ${times}`).sort();

test.each(Array.from({ length: ROUNDS }, (_, round) => SEED + round))(
  'inspect names every copy of everything that a scan of the bytes finds, and nothing else (seed %i)',
  async (seed) => {
    const cluster = scatteredCluster(seed, 40);
    const means = testMeans(new MemoryHost(cluster.files), new MemoryEtcd(cluster.objects));
    const crypto_dirs = ['/etc/kubernetes', '/var/lib/kubelet'];
    const inventory = await inspect({ etcd_endpoint: 'memory', crypto_dirs }, means);
    expect(inventory.certificates).toHaveLength(5);
    expect(inventory.keys.flatMap(({ privateLocations }) => privateLocations).length).toBeGreaterThan(10);
    expect(sorted(tallyOfInventory(inventory))).toEqual(sorted(tallyOfBytes(cluster, inventory)));
  },
);
