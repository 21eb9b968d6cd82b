import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyFingerprint, renderPrivateKeyFile } from '#pki/keys.ts';
import { ecKey, rsaKey } from '#pki/testing.ts';
import { memoryTarget } from '../testing.ts';
import { boundSASigningKey, serviceAccountKeyPair } from './keyPairs.ts';

const NAME = 'tls/bound-service-account-signing-key';
const textOf = (base64: string): string => Buffer.from(base64, 'base64').toString();

describe("the service accounts' key pair", () => {
  it('is a private key and its public half under the label that OpenShift expects', async () => {
    const key = rsaKey();
    const pair = await memoryTarget({ keys: { next: async () => key } }).store.fetch(serviceAccountKeyPair);
    expect(textOf(pair.Pvt)).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(textOf(pair.Pub)).toMatch(/^-----BEGIN RSA PUBLIC KEY-----\n/);
    const spki = textOf(pair.Pub).replaceAll('RSA PUBLIC', 'PUBLIC');
    expect(keyFingerprint(createPublicKey(spki))).toBe(keyFingerprint(key));
    expect(pair.FileList).toEqual([
      { Filename: 'tls/service-account.key', Data: pair.Pvt },
      { Filename: 'tls/service-account.pub', Data: pair.Pub },
    ]);
  });
});

describe("the user's key for bound tokens", () => {
  it('is no file where none is given', async () => {
    expect(await memoryTarget({}).store.fetch(boundSASigningKey)).toEqual({ FileList: [] });
  });

  it.each([
    ['PKCS#1', (key: ReturnType<typeof rsaKey>) => renderPrivateKeyFile(key)],
    ['PKCS#8', (key: ReturnType<typeof rsaKey>) => key.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ])('in %s is kept as it is, with its public half', async (_, render) => {
    const key = rsaKey();
    const text = render(key);
    const { store } = memoryTarget({ files: { [`${NAME}.key`]: text } });
    const { FileList } = await store.fetch(boundSASigningKey);
    expect(FileList.map(({ Filename }) => Filename)).toEqual([`${NAME}.key`, `${NAME}.pub`]);
    expect(textOf(FileList[0]!.Data)).toBe(text);
    const spki = textOf(FileList[1]!.Data).replaceAll('RSA PUBLIC', 'PUBLIC');
    expect(keyFingerprint(createPublicKey(spki))).toBe(keyFingerprint(key));
  });

  it.each([
    [
      'an EC key',
      renderPrivateKeyFile(ecKey()),
      'holds a key of the kind ec-P-256, but must hold an RSA key',
    ],
    ['an encrypted key', encrypted(), 'PEM block "RSA PRIVATE KEY" is encrypted'],
    ['text', 'hello', 'holds no private key in PEM form'],
  ])('is refused if it is %s', async (_, text, reason) => {
    const { store } = memoryTarget({ files: { [`${NAME}.key`]: text } });
    await expect(store.fetch(boundSASigningKey)).rejects.toMatchObject({
      code: 'installer/tls-file-unusable',
      message: expect.stringMatching(new RegExp(`: ${NAME}.key: ${reason}$`)),
    });
  });
});

function encrypted(): string {
  return rsaKey()
    .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'test' })
    .toString();
}
