import { expect, test } from 'vitest';
import { readKubeconfig } from './kubeconfig.ts';
import { MemoryHost } from './testing.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const kubeconfig = (user: string): string => `
current-context: here
contexts:
- {name: there, context: {cluster: other, user: other}}
- {name: here, context: {cluster: own, user: me}}
clusters:
- {name: own, cluster: {server: "https://api.lab.test:6443/", certificate-authority-data: ${base64('CA')}}}
users:
- name: me
  user: ${user}
`;

test('takes the current context with embedded and named files', async () => {
  const user = `{client-certificate-data: ${base64('CERT')}, client-key: ../keys/me.key}`;
  const host = new MemoryHost({ '/etc/k/config': kubeconfig(user), '/etc/keys/me.key': 'KEY' });
  const connection = await readKubeconfig(host.files, '/etc/k/config');
  expect(connection).toMatchObject({
    server: 'https://api.lab.test:6443',
    ca: 'CA',
    clientCertificate: 'CERT',
  });
  expect(connection.clientKey?.reveal()).toBe('KEY');
  expect(JSON.stringify(connection)).not.toContain('KEY');
});

test('takes a token, also from a file', async () => {
  const host = new MemoryHost({ '/k': kubeconfig('{tokenFile: /run/token}'), '/run/token': 'abc\n' });
  expect((await readKubeconfig(host.files, '/k')).token?.reveal()).toBe('abc');
});

test.each([
  ['', 'no context named ""'],
  ['current-context: gone', 'no context named "gone"'],
  ['a: [', 'not YAML'],
])('refuses %j', async (text, why) => {
  const host = new MemoryHost({ '/k': text });
  await expect(readKubeconfig(host.files, '/k')).rejects.toThrow(why);
});
