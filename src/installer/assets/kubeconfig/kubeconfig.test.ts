import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Asset } from '../../asset.ts';
import { installConfigText, memoryTarget } from '../testing.ts';
import { kubeAPIServerCompleteCABundle, localhostBundle } from '../tls/bundles.ts';
import { adminKubeconfigClient, kubeletClientCertKey } from '../tls/clientCertificates.ts';
import { adminClient } from './adminClient.ts';
import { adminInternalClient } from './adminInternalClient.ts';
import type { KubeconfigValue } from './kubeconfig.ts';
import { kubeletClient } from './kubeletClient.ts';
import { loopbackClient } from './loopbackClient.ts';

const EXTERNAL = 'https://api.lab.example.com:6443';
const INTERNAL = 'https://api-int.lab.example.com:6443';
const COMPLETE = kubeAPIServerCompleteCABundle;
const ADMIN = adminKubeconfigClient;
const files = { 'install-config.yaml': installConfigText() };
const textOf = (base64: string): string => Buffer.from(base64, 'base64').toString();

describe('a kubeconfig', () => {
  it.each([
    {
      asset: adminClient,
      path: 'auth/kubeconfig',
      server: EXTERNAL,
      user: 'admin',
      ca: COMPLETE,
      client: ADMIN,
    },
    {
      asset: adminInternalClient,
      path: 'auth/kubeconfig',
      server: INTERNAL,
      user: 'admin',
      ca: COMPLETE,
      client: ADMIN,
    },
    {
      asset: kubeletClient,
      path: 'auth/kubeconfig-kubelet',
      server: INTERNAL,
      user: 'kubelet',
      ca: COMPLETE,
      client: kubeletClientCertKey,
    },
    {
      asset: loopbackClient,
      path: 'auth/kubeconfig-loopback',
      server: 'https://localhost:6443',
      user: 'loopback',
      ca: localhostBundle,
      client: ADMIN,
    },
  ])('for $user at $server', async ({ asset, path, server, user, ca, client }) => {
    const { store } = memoryTarget({ files });
    const { File } = await store.fetch(asset as Asset<KubeconfigValue>);
    const { CertRaw, KeyRaw } = await store.fetch(client);
    expect(File.Filename).toBe(path);
    expect(parse(textOf(File.Data))).toEqual({
      clusters: [
        {
          cluster: { 'certificate-authority-data': (await store.fetch(ca)).BundleRaw, server },
          name: 'lab',
        },
      ],
      contexts: [{ context: { cluster: 'lab', user }, name: user }],
      'current-context': user,
      preferences: {},
      users: [{ name: user, user: { 'client-certificate-data': CertRaw, 'client-key-data': KeyRaw } }],
    });
  });

  it('of the administrator may be edited', async () => {
    const text = '# mine\nclusters:\n- name: other\n';
    const { store } = memoryTarget({ files: { 'auth/kubeconfig': text } });
    const { File } = await store.fetch(adminClient as Asset<KubeconfigValue>);
    expect(textOf(File.Data)).toBe(text);
  });

  it.each(['', 'kind: Config', 'clusters: []', 'secret: {'])('is not %j', async (text) => {
    const { store } = memoryTarget({ files: { ...files, 'auth/kubeconfig': text } });
    await expect(store.load(adminClient)).rejects.toMatchObject({
      code: 'installer/kubeconfig-unusable',
      message: expect.not.stringContaining('secret'),
    });
  });
});
