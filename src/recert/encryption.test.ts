import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RecertConfig } from '#api/recertConfig.ts';
import { dataOf } from '#k8s/data.ts';
import {
  type EncryptionCipher,
  type EncryptionConfiguration,
  type EncryptionKey,
  isSealed,
  makeEncryptionConfiguration,
  openValue,
  parseEncryptionConfiguration,
  sealValue,
} from '#k8s/encryption.ts';
import { parseResource } from '#k8s/resource.ts';
import { MemoryHost } from '#system/testing.ts';
import { API_SERVERS } from './encryption.ts';
import { runRecert } from './run.ts';
import { MemoryEtcd, makeCluster, secretObject, testMeans } from './testing.ts';

const NODE_FILE =
  '/etc/kubernetes/static-pod-resources/kube-apiserver-pod-7/secrets/encryption-config/encryption-config';
const MANAGED = '/kubernetes.io/secrets/openshift-config-managed';
const ROUTE = '/openshift.io/routes/a/b';

const newKey = (cipher: EncryptionCipher): EncryptionKey => ({
  cipher,
  name: '1',
  secret: randomBytes(32),
});
const keysOf = ({ entries }: EncryptionConfiguration) => entries.flatMap(({ keys }) => keys);

/** A cluster in which two API servers encrypt, each with a key of its own that has the same name. */
function makeWorld(cipher: EncryptionCipher, type: string = cipher) {
  const cluster = makeCluster();
  const [kube, routes] = [newKey(cipher), newKey(cipher)];
  const kubeText = makeEncryptionConfiguration(API_SERVERS['openshift-kube-apiserver'], kube).text;
  const routesText = makeEncryptionConfiguration(API_SERVERS['openshift-apiserver'], routes).text;
  const managed = 'openshift-config-managed';
  const plain = new Map<string, Buffer>([
    ...cluster.objects,
    [
      '/kubernetes.io/config.openshift.io/apiservers/cluster',
      Buffer.from(JSON.stringify({ kind: 'APIServer', spec: { encryption: { type } } })),
    ],
    [
      '/kubernetes.io/secrets/openshift-apiserver/encryption-config',
      secretObject('openshift-apiserver', 'encryption-config', { 'encryption-config': routesText }),
    ],
    [
      `${MANAGED}/encryption-config-openshift-kube-apiserver`,
      secretObject(managed, 'encryption-config-openshift-kube-apiserver', { 'encryption-config': kubeText }),
    ],
    [
      `${MANAGED}/encryption-key-openshift-kube-apiserver-12`,
      secretObject(managed, 'encryption-key-openshift-kube-apiserver-12', {
        'encryption.apiserver.operator.openshift.io-key': kube.secret,
      }),
    ],
    [ROUTE, Buffer.from('{"kind":"Route","spec":{"host":"x"}}')],
  ]);
  const stored = [...plain].map(([key, value]): [string, Buffer] => {
    const isKube = /^\/kubernetes\.io\/(?:secrets|configmaps)\//.test(key);
    const sealing = isKube ? kube : key === ROUTE ? routes : undefined;
    return [key, sealing === undefined ? value : sealValue(value, key, sealing, randomBytes)];
  });
  const etcd = new MemoryEtcd(stored);
  const host = new MemoryHost({ ...cluster.files, [NODE_FILE]: kubeText });
  return { cluster, etcd, host, plain, oldKeys: [kube, routes] };
}

const CONFIG: RecertConfig = {
  etcd_endpoint: 'memory',
  crypto_dirs: ['/etc/kubernetes', '/var/lib/kubelet'],
  cluster_customization_dirs: ['/etc/kubernetes'],
  extend_expiration: true,
};

describe('a cluster that encrypts at rest', () => {
  it.each(['aescbc', 'aesgcm'] as const)(
    'gets new keys for %s, and nothing is left of the old',
    async (cipher) => {
      const { cluster, etcd, host, plain, oldKeys } = makeWorld(cipher);
      await runRecert(CONFIG, testMeans(host, etcd));
      const text = await host.files.readText(NODE_FILE);
      const kube = keysOf(parseEncryptionConfiguration(text));
      const opened = (path: string, keys = kube) =>
        openValue(etcd.keys.get(path)!.value, path, keys)?.toString();
      const secret = '/kubernetes.io/secrets/openshift-apiserver/encryption-config';
      const served = parseResource(secret, openValue(etcd.keys.get(secret)!.value, secret, kube)!);
      const routes = keysOf(parseEncryptionConfiguration(dataOf(served, 'encryption-config') ?? ''));
      expect(opened(ROUTE, routes)).toBe(plain.get(ROUTE)!.toString());
      expect(opened(cluster.untouched)).toBe(plain.get(cluster.untouched)!.toString());
      expect(opened(`${MANAGED}/encryption-config-openshift-kube-apiserver`)).toContain(text);
      const renamed = `${MANAGED}/encryption-key-openshift-kube-apiserver-1`;
      expect(openValue(etcd.keys.get(renamed)!.value, renamed, kube)?.includes(kube[0]!.secret)).toBe(true);
      expect(etcd.keys.has(`${renamed}2`)).toBe(false);
      for (const [key, { value }] of etcd.keys) {
        const isCovered = /\/(?:secrets|configmaps|routes)\//.test(key);
        expect([key, isSealed(value)]).toEqual([key, isCovered]);
        expect([key, openValue(value, key, oldKeys)]).toEqual([key, undefined]);
        const bytes = isCovered ? openValue(value, key, [...kube, ...routes]) : value;
        for (const old of [
          ...cluster.old.map((pem) => pem.split('\n')[2] ?? pem),
          ...oldKeys.map((k) => k.secret),
        ])
          expect([key, bytes?.includes(old)]).toEqual([key, false]);
      }
    },
  );

  it('runs again, and takes a configuration that is given', async () => {
    const { etcd, host, cluster } = makeWorld('aesgcm');
    await runRecert(CONFIG, testMeans(host, etcd));
    const given = newKey('aescbc');
    const kube_encryption_config = makeEncryptionConfiguration(['secrets'], given).text;
    await runRecert({ ...CONFIG, kube_encryption_config }, testMeans(host, etcd));
    expect(await host.files.readText(NODE_FILE)).toBe(kube_encryption_config);
    const value = (part: string) => [...etcd.keys.values()].find(({ key }) => key.includes(part))!.value;
    expect(openValue(value(cluster.untouched), cluster.untouched, [given])).toBeDefined();
    expect(isSealed(value('/configmaps/'))).toBe(false);
  });

  it('is refused before anything is written where a key is missing or it is being migrated', async () => {
    const { etcd, host } = makeWorld('aescbc');
    const before = new Map(etcd.keys);
    await host.files.remove(NODE_FILE);
    await expect(runRecert(CONFIG, testMeans(host, etcd))).rejects.toThrow(
      /none of the cluster's encryption/,
    );
    const migrating = makeWorld('aescbc', 'identity');
    const run = runRecert(CONFIG, testMeans(migrating.host, migrating.etcd));
    await expect(run).rejects.toThrow(/says encryption type identity/);
    expect(etcd.keys).toEqual(before);
  });
});
