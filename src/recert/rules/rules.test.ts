import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseResource, type Resource } from '#k8s/resource.ts';
import { applyRules, type Draft } from '../applyRules.ts';
import type { Renames } from '../renames.ts';
import { configMapObject, secretObject } from '../testing.ts';
import { replaceAddresses } from './addressText.ts';
import { renameInEnvironment, renameInPodText, renameInText } from './etcdNames.ts';
import { dataHash } from './operatorHashes.ts';

const NOTHING: Renames = { addresses: [], nameRules: [], renewsCrypto: false };

function applied(
  objects: Record<string, Buffer | object>,
  renames: Partial<Renames>,
  files: Record<string, string> = {},
) {
  const resources = Object.entries(objects).map(([path, value]): [string, Resource] => {
    const key = `/kubernetes.io/${path}`;
    return [key, parseResource(key, Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)))];
  });
  const draft: Draft = {
    objects: new Map(resources),
    files: new Map(
      Object.entries(files).map(([path, text]) => [
        path,
        { content: Buffer.from(text), isListed: true, isCustomized: true },
      ]),
    ),
    fileNames: new Map(),
    renamedObjects: new Map(),
  };
  const result = applyRules(draft, { ...NOTHING, ...renames });
  return {
    draft,
    result,
    text: (path: string) => draft.objects.get(`/kubernetes.io/${path}`)?.value.toString() ?? '',
  };
}

const proxy = { httpProxy: 'http://h', httpsProxy: 'http://s', noProxy: '.svc' };

describe('addresses in text', () => {
  it('replaces whole addresses only', () => {
    const text =
      '10.0.0.1 10.0.0.10 210.0.0.1 10.0.0.1.5 https://10.0.0.1:2379,10.0.0.1/24 [fd00::1]:1 fd00::1f';
    const changes = [
      { old: '10.0.0.1', new: '9.9.9.9' },
      { old: 'fd00::1', new: 'fd00::2' },
    ];
    expect(replaceAddresses(text, changes)).toBe(
      '9.9.9.9 10.0.0.10 210.0.0.1 10.0.0.1.5 https://9.9.9.9:2379,9.9.9.9/24 [fd00::2]:1 fd00::1f',
    );
  });

  it('can swap two addresses', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), (a, b) => {
        fc.pre(a !== b);
        const changes = [
          { old: a, new: b },
          { old: b, new: a },
        ];
        expect(replaceAddresses(`${a},${b}`, changes)).toBe(`${b},${a}`);
      }),
    );
  });
});

describe('the node’s name in etcd’s texts', () => {
  const change = { old: 'seed', new: 'new-node.example' };

  it('is replaced where it is the name, not where it is a part of another', () => {
    expect(
      renameInText('etcd-peer-seed.crt etcd-peer-seedling.crt --name=seed --name=seed2 seed', change),
    ).toBe('etcd-peer-new-node.example.crt etcd-peer-seedling.crt --name=new-node.example --name=seed2 seed');
    expect(renameInText('$NODE_seed_IP NODE_seed_ETCD_NAME=', change)).toBe(
      '$NODE_new_node_example_IP NODE_new_node_example_ETCD_NAME=',
    );
    expect(renameInPodText('- value: "seed"\n- value: seeds\n', change)).toBe(
      '- value: "new-node.example"\n- value: seeds\n',
    );
  });

  it('works for names with dashes and keeps the name itself as it is', () => {
    const text = 'export NODE_a_b_ETCD_NAME="a-b"\n';
    expect(renameInEnvironment(text, { old: 'a-b', new: 'c.d' })).toBe('export NODE_c_d_ETCD_NAME="c.d"\n');
  });
});

describe('rules', () => {
  it('leave an empty cluster empty and list what is absent', () => {
    const { result, draft } = applied({}, { kubeadminPasswordHash: 'x' });
    expect(result.absent).toContain('secrets/kube-system/kubeadmin');
    expect(draft.objects.size).toBe(0);
  });

  it('delete the kubeadmin secret for an empty hash', () => {
    const objects = {
      'secrets/kube-system/kubeadmin': secretObject('kube-system', 'kubeadmin', { kubeadmin: 'x' }),
    };
    expect(applied(objects, { kubeadminPasswordHash: '' }).draft.objects.size).toBe(0);
    expect(
      applied(objects, { kubeadminPasswordHash: '$2a$new' }).text('secrets/kube-system/kubeadmin'),
    ).toContain('$2a$new');
  });

  it('order proxy variables as the original does and keep a CronJob’s too', () => {
    const env = [
      { name: 'X', value: '1' },
      { name: 'HTTP_PROXY', value: 'old' },
      { name: 'Y', value: '2' },
    ];
    const spec = {
      template: {
        spec: {
          containers: [
            { name: 'c', env },
            { name: 'd', env: [env[0]] },
          ],
        },
      },
    };
    const { text } = applied(
      {
        'deployments/a/b': { kind: 'Deployment', spec },
        'cronjobs/a/b': { kind: 'CronJob', spec: { jobTemplate: { spec } } },
      },
      { proxy: { spec: proxy, status: proxy } },
    );
    const names = (path: string) => [...text(path).matchAll(/"name":"([A-Z_]+)"/g)].map(([, name]) => name);
    expect(names('deployments/a/b')).toEqual(['X', 'HTTPS_PROXY', 'NO_PROXY', 'HTTP_PROXY', 'Y', 'X']);
    expect(names('cronjobs/a/b')).toEqual(names('deployments/a/b'));
  });

  it('write the proxy environment of the node', () => {
    const { draft } = applied(
      {},
      { proxy: { spec: proxy, status: { ...proxy, noProxy: '' } } },
      { '/etc/mco/proxy.env': 'A=1\nNO_PROXY=x\n' },
    );
    expect(draft.files.get('/etc/mco/proxy.env')?.content.toString()).toBe(
      'A=1\nHTTP_PROXY=http://h\nHTTPS_PROXY=http://s\n',
    );
  });

  it('name the object and the reason when something is broken', () => {
    const objects = {
      'configmaps/kube-system/cluster-config-v1': configMapObject('kube-system', 'cluster-config-v1', {
        'install-config': 'a: [',
      }),
    };
    expect(() => applied(objects, { machineNetworks: ['10.0.0.0/8'] })).toThrow(
      /cluster-config-v1: not YAML/,
    );
  });

  it('rename a secret with its key, leaving no copy under the old one', () => {
    const objects = {
      'secrets/openshift-etcd/etcd-peer-a': secretObject('openshift-etcd', 'etcd-peer-a', { x: 'y' }),
    };
    const { draft } = applied(objects, { hostname: { old: 'a', new: 'b' } });
    expect([...draft.objects.keys()]).toEqual(['/kubernetes.io/secrets/openshift-etcd/etcd-peer-b']);
    expect([...draft.renamedObjects]).toEqual([
      [
        '/kubernetes.io/secrets/openshift-etcd/etcd-peer-b',
        '/kubernetes.io/secrets/openshift-etcd/etcd-peer-a',
      ],
    ]);
  });

  it('leave a kubeconfig of another cluster alone', () => {
    const kubeconfig = 'clusters:\n- cluster: {server: "https://api.other.com:6443"}\n';
    const objects = { 'configmaps/a/k': configMapObject('a', 'k', { kubeconfig }) };
    const cluster = { name: 'n', baseDomain: 'd', domain: 'n.d', infraId: 'i', oldDomain: 'old.com' };
    expect(applied(objects, { cluster }).text('configmaps/a/k')).toContain('api.other.com');
  });
});

it('hashes data as Go does: sorted keys, null for none', () => {
  const hash = (data: Record<string, string>) =>
    dataHash(parseResource('/c', configMapObject('a', 'b', data)));
  expect(hash({ b: '<', a: '1' })).toBe(hash({ a: '1', b: '<' }));
  // What the original writes for a config map without data (recorded).
  expect(hash({})).toBe('OUXnWA==');
});
