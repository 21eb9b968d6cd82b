import { expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import {
  KUBELET_AUTHFILE,
  keepPullSecret,
  keptPullSecret,
  restoreKubeletAuthfile,
  SANITISED_PULL_SECRET,
  sanitisedPullSecret,
  usableAuthfile,
} from './pullSecret.ts';
import { fakeCluster, object, seedContext } from './testing.ts';

const cluster = (secret: string) =>
  fakeCluster([
    object('v1', 'Secret', 'pull-secret', {
      namespace: 'openshift-config',
      data: { '.dockerconfigjson': Buffer.from(secret).toString('base64') },
    }),
  ]);

const OWN = '{"auths":{"r.test":{"auth":"eDp5"}}}';

test('secret and file are kept each with its own text, and the file serves while the other one is in place', async () => {
  const host = new MemoryHost({ [KUBELET_AUTHFILE]: `${OWN}\n` });
  const context = seedContext(host, { authfile: KUBELET_AUTHFILE });
  expect(await usableAuthfile(context)).toBe(KUBELET_AUTHFILE);
  await keepPullSecret(context, cluster(OWN));
  expect(await keptPullSecret(context)).toBe(OWN);
  expect(await sanitisedPullSecret(context)).toBe(SANITISED_PULL_SECRET);
  await host.files.write(KUBELET_AUTHFILE, SANITISED_PULL_SECRET);
  const authfile = await usableAuthfile(context);
  expect(await host.files.readText(authfile)).toBe(`${OWN}\n`);
  expect(await host.files.facts(authfile)).toMatchObject({ mode: 0o600 });
  await restoreKubeletAuthfile(context);
  expect(await host.files.readText(KUBELET_AUTHFILE)).toBe(`${OWN}\n`);
});

test("another authfile is the user's own and stays", async () => {
  const host = new MemoryHost({ [KUBELET_AUTHFILE]: OWN });
  const context = seedContext(host, { authfile: '/root/auth.json' });
  await keepPullSecret(context, cluster(OWN));
  expect(await usableAuthfile(context)).toBe('/root/auth.json');
});

test('a host without a pull secret has none to exchange', async () => {
  const context = seedContext(new MemoryHost());
  await keepPullSecret(context, fakeCluster([], ['Secret']));
  expect(await sanitisedPullSecret(context)).toBeUndefined();
});

test('what an earlier run was not undone from is refused, however it is spaced', async () => {
  const spaced = JSON.stringify(JSON.parse(SANITISED_PULL_SECRET), undefined, 2);
  await expect(keepPullSecret(seedContext(new MemoryHost()), cluster(spaced))).rejects.toMatchObject({
    code: 'seed/pull-secret-sanitised',
  });
});
