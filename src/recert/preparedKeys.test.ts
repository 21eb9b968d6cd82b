import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyFingerprint, renderPrivateKeyFile, renderPublicKeyFile } from '#pki/keys.ts';
import { MemoryHost } from '#system/testing.ts';
import { readPreparedKeys } from './preparedKeys.ts';
import { runRecert } from './run.ts';
import { MemoryEtcd, makeCluster, testMeans } from './testing.ts';

const ecKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

async function poolOf(text: string, mode = 0o600) {
  const { files } = new MemoryHost();
  await files.write('/pool.pem', text, { mode });
  return readPreparedKeys('/pool.pem', files);
}

test('keys of the wanted kind are handed out, each once', async () => {
  const keys = [ecKey(), generateKeyPairSync('ed25519').privateKey, ecKey()];
  const take = await poolOf(keys.map(renderPrivateKeyFile).join('# one more\n'));
  const taken = [1, 2].map(() => take({ type: 'ec', curve: 'P-256' })!);
  expect(taken.map(keyFingerprint)).toEqual([keys[0]!, keys[2]!].map(keyFingerprint));
  expect(take({ type: 'ec', curve: 'P-256' })).toBeUndefined();
  expect(take({ type: 'rsa', bits: 2048 })).toBeUndefined();
});

const key = ecKey();
test.each([
  ['that others can read', renderPrivateKeyFile(key), 0o640, 'others than its owner'],
  ['with a key twice', renderPrivateKeyFile(key).repeat(2), 0o600, 'twice'],
  ['without keys', 'nothing', 0o600, 'must hold private keys'],
  ['with other blocks', renderPublicKeyFile(createPublicKey(key)), 0o600, 'must hold private keys'],
])('a file %s is refused', async (_what, text, mode, reason) => {
  const problem = await poolOf(text, mode).catch((error: unknown) => error);
  expect(problem).toMatchObject({ code: 'recert/config', message: expect.stringContaining(reason) });
});

test('a key that the cluster has is not given to it again', async () => {
  const cluster = makeCluster();
  const take = await poolOf(cluster.old.filter((text) => text.includes('PRIVATE KEY')).join(''));
  const means = testMeans(new MemoryHost(cluster.files), new MemoryEtcd(cluster.objects));
  const keys = {
    ...means.keys,
    makeAhead: () => {},
    stopMakingAhead: () => {},
    next: async (spec: Parameters<typeof take>[0]) => take(spec)!,
  };
  const run = runRecert({ etcd_endpoint: 'memory', crypto_dirs: ['/etc'] }, { ...means, keys });
  await expect(run).rejects.toMatchObject({ code: 'recert/key-reused' });
});
