import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AssetFile } from './assets.ts';
import type { SeedIdentity } from './identity.ts';
import { type KubeObject, objectKey } from './objects/kubeObject.ts';
import { makeSeedCluster, type SeedCluster } from './seedCluster.ts';
import { staticPods } from './staticPods.ts';
import { anyIdentity, CheapKeys, testIdentity, testWorkload } from './testing.ts';

const madeAt = new Date('2026-03-04T05:06:07Z');
const make = (identity: SeedIdentity, keys = new CheapKeys()) =>
  makeSeedCluster({ identity, workload: testWorkload, keys, madeAt });

const allObjects = ({ objects }: SeedCluster): KubeObject[] => [
  ...objects.namespaces,
  ...objects.first,
  ...objects.definitions,
  ...objects.namespaced,
  ...objects.custom,
  ...objects.webhooks,
];

const files = ({ assets }: SeedCluster): [string, AssetFile][] =>
  [...assets].flatMap(([path, asset]) => (asset.kind === 'file' ? [[path, asset]] : []));

/** The text and, as deep as it goes, what its base64 parts hold. */
function layers(text: string): string[] {
  const encoded = text.match(/[A-Za-z0-9+/]{100,}={0,2}/g) ?? [];
  const inner = encoded.map((part) => Buffer.from(part, 'base64').toString('latin1'));
  return [
    text,
    ...inner.filter((part) => part.includes('-----BEGIN') || part.includes('LS0tLS1CRUdJTi')).flatMap(layers),
  ];
}

/** SubjectPublicKeyInfo of every private key that can be found in a text. */
function privateKeysIn(text: string): string[] {
  const pem = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/g;
  return layers(text.replaceAll('\\n', '\n'))
    .flatMap((layer) => layer.match(pem) ?? [])
    .map((block) =>
      createPublicKey(createPrivateKey(block)).export({ type: 'spki', format: 'pem' }).toString(),
    );
}

const publicKey = (certificate: string): string =>
  new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }).toString();

describe('a seed cluster', () => {
  const identity = testIdentity();
  const keys = new CheapKeys();
  let cluster: SeedCluster;
  beforeAll(async () => {
    cluster = await make(identity, keys);
  });

  it('has about as many objects as a real one, none of them twice', () => {
    const all = allObjects(cluster).map(objectKey);
    expect(all.filter((key, i) => all.indexOf(key) !== i)).toEqual([]);
    expect(all.length).toBeGreaterThan(250);
  });

  it('creates every namespace that it uses', () => {
    const made = allObjects(cluster)
      .filter(({ kind }) => kind === 'Namespace')
      .map(({ metadata }) => metadata.name);
    const used = allObjects(cluster).flatMap(({ metadata }) => metadata.namespace ?? []);
    expect(used.filter((name) => name !== 'kube-system' && !made.includes(name))).toEqual([]);
  });

  it('creates the namespaces of the static pods before everything else', () => {
    const names = cluster.objects.namespaces.slice(0, 4).map(({ metadata }) => metadata.name);
    expect(names).toEqual(Object.values(staticPods(identity)).map(({ metadata }) => metadata.namespace));
  });

  it('defines every custom resource that it creates', () => {
    const defined = cluster.objects.definitions.map(({ spec }) => {
      const { group, names, versions } = spec as {
        group: string;
        names: { kind: string };
        versions: { name: string }[];
      };
      return `${group}/${versions[0]?.name} ${names.kind}`;
    });
    const used = cluster.objects.custom.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`);
    expect(used.filter((kind) => !defined.includes(kind))).toEqual([]);
  });

  it('stores no private key of the signers that OpenShift keeps nowhere', () => {
    const texts = [...files(cluster).map(([, { content }]) => content), JSON.stringify(allObjects(cluster))];
    const stored = new Set(texts.flatMap(privateKeysIn));
    const bundle = (path: string) => files(cluster).find(([at]) => at === path)?.[1].content ?? '';
    const certificates =
      bundle('/etc/kubernetes/kubelet-ca.crt').match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
    const signer = (name: string) =>
      certificates.find((pem) => new X509Certificate(pem).subject.includes(`CN=${name}`)) ?? '';
    // The search finds keys that are there: the control for the three that are not.
    expect(stored).toContain(publicKey(signer('kube-control-plane-signer')));
    expect(stored).not.toContain(publicKey(signer('admin-kubeconfig-signer')));
    expect(stored).not.toContain(publicKey(signer('kubelet-bootstrap-kubeconfig-signer')));
    expect(stored).not.toContain(publicKey(bundle('/etc/kubernetes/ca.crt')));
  });

  it('stores every other key, so that nothing was made in vain', () => {
    const texts = [...files(cluster).map(([, { content }]) => content), JSON.stringify(allObjects(cluster))];
    const stored = new Set(texts.flatMap(privateKeysIn));
    const made = keys.made.map((key) =>
      createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    );
    // Not stored: four signers, two external roots, and the administrator's own key.
    expect(made.filter((key) => !stored.has(key))).toHaveLength(7);
  });

  it('keeps private keys from other users of the host', () => {
    const open = files(cluster).filter(
      ([, { content, mode }]) => privateKeysIn(content).length > 0 && mode !== 0o600,
    );
    // Kubeconfigs of controllers lie in ConfigMaps, on OpenShift as here.
    expect(open.map(([path]) => path).filter((path) => !path.endsWith('kubeconfig/kubeconfig'))).toEqual([]);
  });

  it('gives the administrator a kubeconfig for the outer name', () => {
    const { clusters } = parse(cluster.access.kubeconfig.reveal()) as {
      clusters: { cluster: { server: string } }[];
    };
    expect(clusters[0]?.cluster.server).toBe(
      `https://api.${identity.clusterName}.${identity.baseDomain}:6443`,
    );
  });
});

describe('static pods', () => {
  it('find every file they are told to read', async () => {
    const identity = testIdentity();
    const cluster = await make(identity);
    for (const pod of Object.values(staticPods(identity))) {
      const { containers, volumes } = pod['spec'] as PodSpec;
      const [container] = containers;
      const read = container!.args.flatMap((arg) => arg.match(/\/etc\/[^,]*/g) ?? []);
      expect(read.length).toBeGreaterThan(3);
      for (const path of read) {
        const mount = container!.volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
        const folder = volumes.find(({ name }) => name === mount?.name)?.hostPath.path;
        const onHost = `${folder}${path.slice(mount?.mountPath.length)}`;
        expect(cluster.assets.get(onHost)?.kind, `${pod.metadata.name}: ${path}`).toBe('file');
      }
    }
  });

  it('carry no name and no address of the node but for etcd', () => {
    fc.assert(
      fc.property(anyIdentity, (identity) => {
        for (const [component, pod] of Object.entries(staticPods(identity))) {
          const text = JSON.stringify(pod);
          expect(text.includes(identity.nodeIp)).toBe(component === 'etcd');
          expect(text.includes(identity.baseDomain)).toBe(false);
        }
      }),
    );
  });

  it('name the etcd variables so that a shell takes them', () => {
    fc.assert(
      fc.property(anyIdentity, (identity) => {
        const { containers } = staticPods(identity).etcd['spec'] as PodSpec;
        for (const { name } of containers[0]!.env) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      }),
    );
  });
});

interface PodSpec {
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly env: readonly { readonly name: string }[];
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly hostPath: { readonly path: string } }[];
}
