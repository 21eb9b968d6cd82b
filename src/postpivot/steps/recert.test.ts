import { describe, expect, it } from 'vitest';
import { type RecertConfig, renderRecertConfig } from '#api/recertConfig.ts';
import { ETCD_POD, KUBECONFIG_CRYPTO, RECERT_CONFIG, RECERT_JOURNAL } from '../paths.ts';
import type { Identity } from '../recertDocument.ts';
import { noCrypto, privateKeyPem, reconfiguration, seedInfo, TestWorld } from '../testing.ts';
import { rebuildEtcd, recertify } from './recert.ts';

const identityOf = (change: Partial<Identity> = {}): Identity => {
  const target = change.target ?? reconfiguration();
  return {
    ...{ seed: seedInfo(), target, hostname: target.hostname, nodeIps: ['198.51.100.20'] },
    ...{
      proxy: undefined,
      certManagerKeys: [],
      manifests: [],
      regenerateSshHostKeys: false,
      existing: new Set<string>(),
    },
    ...change,
  };
};

const documentOf = (world: TestWorld): RecertConfig =>
  JSON.parse(world.host.files.tree()[RECERT_CONFIG] ?? '{}');

describe('recertify', () => {
  it('closes keys and document to others and runs recert with it', async () => {
    const key = privateKeyPem();
    const target = reconfiguration({
      KubeconfigCryptoRetention: {
        ...noCrypto,
        IngresssCrypto: { ingress_ca: key, ingress_certificate_cn: '' },
      },
    });
    const world = new TestWorld();
    await recertify(world, identityOf({ target }));
    const path = `${KUBECONFIG_CRYPTO}/ingresskey-ingress-operator.key`;
    expect(world.host.files.tree()[path]).toBe(key);
    for (const secret of [path, RECERT_CONFIG])
      expect((await world.host.files.facts(secret))?.mode).toBe(0o600);
    expect(world.recertRuns).toBe(1);
  });

  it('lets recert finish what it began, with the same document at another endpoint', async () => {
    const begun: RecertConfig = {
      etcd_endpoint: '127.0.0.1:1',
      hostname: 'begun',
      crypto_dirs: ['/etc/kubernetes'],
    };
    const world = new TestWorld({
      files: { [RECERT_JOURNAL]: '{}', [RECERT_CONFIG]: renderRecertConfig(begun) },
    });
    await recertify(world, identityOf());
    expect(documentOf(world)).toEqual({ ...begun, etcd_endpoint: '127.0.0.1:23790' });
  });

  it('plans anew when recert has nothing unfinished', async () => {
    const world = new TestWorld({ files: { [RECERT_CONFIG]: renderRecertConfig({ hostname: 'begun' }) } });
    const identity = identityOf();
    await recertify(world, identity);
    expect(documentOf(world).hostname).toBe(identity.hostname);
  });
});

describe('rebuildEtcd', () => {
  const memberOf = async (pod: string, nodeIps: readonly string[]) => {
    const world = new TestWorld({ files: { [ETCD_POD]: pod } });
    await rebuildEtcd(world, identityOf({ hostname: 'node-b', nodeIps }));
    return world.rebuilt[0];
  };

  it.each([
    ['a literal name', '["etcd","--name=member-a"]', 'member-a'],
    ["a name from the pod's environment", '["etcd","--name=\u0024{NODE_x_ETCD_NAME}"]', 'node-b'],
    ['no name', '', 'node-b'],
  ])('keeps the name that the static pod gives: %s', async (_, pod, name) => {
    expect(await memberOf(pod, ['192.0.2.7'])).toEqual({ name, peerUrl: 'https://192.0.2.7:2380' });
  });

  it('brackets an IPv6 address', async () => {
    expect(await memberOf('', ['2001:db8::7'])).toMatchObject({ peerUrl: 'https://[2001:db8::7]:2380' });
  });
});
