import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderPemFile } from '#formats/pem.ts';
import { renderPrivateKeyFile } from '#pki/keys.ts';
import { MemoryHost } from '#system/testing.ts';
import { resolveOptions } from './options.ts';

const key = renderPrivateKeyFile(generateKeyPairSync('ed25519').privateKey);
const { files } = new MemoryHost({ '/keys/a:b.key': key, '/dir/x': '' });

describe('recert options', () => {
  it('reads names and rules', async () => {
    const options = await resolveOptions(
      {
        cluster_rename: 'a:b.c:d',
        cn_san_replace_rules: ['x:y', 'fd00::1,fd00::2'],
        proxy: 'a|b|c|d|e|f',
        static_dirs: ['/dir'],
        ip: '10.0.0.1',
      },
      files,
    );
    expect(options.cluster).toEqual({ name: 'a', baseDomain: 'b.c', infraId: 'd' });
    expect(options.crypto.nameRules).toEqual([
      { old: 'x', new: 'y' },
      { old: 'fd00::1', new: 'fd00::2' },
    ]);
    expect(options.proxy?.status).toEqual({ httpProxy: 'd', httpsProxy: 'e', noProxy: 'f' });
    expect([options.paths.cryptoDirs, options.paths.customizationDirs]).toEqual([['/dir'], ['/dir']]);
  });

  it.each([
    ['a name with a colon and a path', 'system:node:x:/keys/a:b.key', 'system:node:x'],
    ['a blank before the path', 'my signer /keys/a:b.key', 'my signer'],
    ['PEM in the place of a path', `kube-signer@1:\n${key}`.replace(':\n', ':'), 'kube-signer@1'],
  ])('reads a key rule with %s', async (_what, rule, commonName) => {
    const { crypto } = await resolveOptions({ use_key_rules: [rule] }, files);
    expect(crypto.useKeys[0]?.commonName).toBe(commonName);
  });

  it('reads trust bundles as text, from where they are', async () => {
    const bundle = `# ours\n${renderPemFile('CERTIFICATE', Buffer.from('any'))}`;
    const { files: withBundle } = new MemoryHost({ '/ca.pem': bundle });
    const read = (user: string, proxy: string) =>
      resolveOptions({ user_ca_bundle: user, proxy_trusted_ca_bundle: proxy }, withBundle);
    const named = { userCaBundle: bundle, proxyTrust: { configMap: 'user-ca-bundle', bundle } };
    expect(await read('/ca.pem', 'user-ca-bundle:')).toMatchObject(named);
    const other = { userCaBundle: bundle, proxyTrust: { configMap: 'other', bundle } };
    expect(await read(bundle, 'other:/ca.pem')).toMatchObject(other);
    expect(await read('', `other:${bundle}`)).toMatchObject({ proxyTrust: other.proxyTrust });
  });

  it.each([
    [{ cluster_rename: 'a' }, /cluster_rename/],
    [{ cluster_rename: 'a:b:c:d' }, /cluster_rename/],
    [{ cn_san_replace_rules: ['a:b:c'] }, /cn_san_replace_rules/],
    [{ proxy: 'a|b' }, /six parts/],
    [{ crypto_dirs: ['/none'] }, /does not exist/],
    [{ crypto_files: ['/dir'] }, /is no file/],
    [{ use_key_rules: ['x:/none'] }, /does not exist/],
    [{ use_cert_rules: [key] }, /exactly one PEM block CERTIFICATE/],
    [{ user_ca_bundle: '/none' }, /user_ca_bundle: file \/none does not exist/],
    [{ user_ca_bundle: key }, /user_ca_bundle: must hold certificates/],
    [{ proxy_trusted_ca_bundle: 'user-ca-bundle:' }, /user_ca_bundle must be given too/],
    [{ proxy_trusted_ca_bundle: `user-ca-bundle:${key}` }, /takes its bundle from user_ca_bundle/],
    [{ proxy_trusted_ca_bundle: 'other:' }, /no bundle is given for other/],
    [{ proxy_trusted_ca_bundle: 'other' }, /name of a ConfigMap, a colon/],
    [{ kube_encryption_config: '{}' }, /kube_encryption_config: not an EncryptionConfiguration/],
    [{ oauth_encryption_config: '/none' }, /oauth_encryption_config: file \/none does not exist/],
  ])('refuses %j', async (config, message) => {
    await expect(resolveOptions(config, files)).rejects.toThrow(message);
  });
});
