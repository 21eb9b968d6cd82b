import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { testSigner } from '#pki/testing.ts';
import { collectSecrets } from './collect.ts';
import { renderScanResult } from './report.ts';
import { scanPlaces } from './scan.ts';
import { parseOldSecrets, renderOldSecrets } from './secret.ts';
import { newEcKey, newRsaKey, newToken, pemOf, placeOf, SeededRandom } from './testing.ts';

const SEED = Number(process.env['SCAN_SEED'] ?? Date.now() % 1_000_000);
const random = new SeededRandom(SEED);
const told = (what: string): string => `${what} (SCAN_SEED=${SEED})`;

const oldKey = newRsaKey();
const oldToken = newToken(random, oldKey);
const seedFile = placeOf(`/seed/${random.name()}`, `${pemOf(oldKey)}\n${oldToken}\n`);
const secrets = collectSecrets([seedFile]);

const kindsFoundIn = (content: string | Uint8Array): string[] => {
  const { leftOvers } = scanPlaces([placeOf(`/clone/${random.name()}`, content)], secrets);
  return [...new Set(leftOvers.map((l) => l.kind))].sort();
};

const der = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1'): Buffer =>
  key.export({ type, format: 'der' } as { type: 'pkcs8'; format: 'der' });
const base64 = (content: string | Buffer): string => Buffer.from(content as Buffer).toString('base64');

describe('collectSecrets', () => {
  it('finds the key, its public half and the token', () => {
    expect(secrets.map((s) => s.kind).sort()).toEqual(['private-key', 'public-key', 'token']);
  });

  it('finds keys of other kinds and hashes', () => {
    const ed25519 = generateKeyPairSync('ed25519').privateKey;
    const hash = `$2b$12$${'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0'}`;
    const places = [pemOf(newEcKey()), pemOf(ed25519), hash].map((text) => placeOf('/s', text));
    const kinds = collectSecrets(places).map((s) => s.kind);
    expect(kinds).toEqual(expect.arrayContaining(['private-key', 'public-key', 'password-hash']));
    expect(kinds.filter((kind) => kind === 'private-key')).toHaveLength(2);
  });

  it('finds the credentials of a kubeconfig', () => {
    const token = random.bytes(24).toString('hex');
    const kubeconfig = `clusters: []\nusers:\n- user: {token: ${token}}\n`;
    const found = collectSecrets([placeOf('/s', base64(kubeconfig))]);
    expect(scanPlaces([placeOf('/c', token)], found).leftOvers).toHaveLength(1);
  });

  it('leaves out external certificates and their keys, but not others', () => {
    const [external, own] = [testSigner(), testSigner()].map(({ certificate }) =>
      new X509Certificate(certificate.der).toString(),
    ) as [string, string];
    const bundle = placeOf('/s', `${external}${own}`);
    const kinds = (excluded: readonly string[]): number =>
      collectSecrets(
        [bundle],
        excluded.map((pem) => Buffer.from(pem)),
      ).length;
    expect(kinds([])).toBe(4);
    expect(kinds([external])).toBe(2);
    expect(kinds([external, own])).toBe(0);
  });

  it('keeps no secret in what it prints', () => {
    const { leftOvers } = scanPlaces([seedFile], secrets);
    const text = renderScanResult({ leftOvers, files: 1, bytes: 1 });
    for (const secret of secrets) {
      for (const window of secret.windows) expect(text).not.toContain(window.toString('latin1'));
    }
    expect(text).toContain('token');
  });

  it('is read back from its file', () => {
    expect(parseOldSecrets(renderOldSecrets(secrets))).toEqual(secrets);
    expect(() => parseOldSecrets('{"version":2}')).toThrow(/not one that/);
  });
});

describe('scanPlaces', () => {
  const kubeconfig = JSON.stringify({ users: [{ user: { 'client-key-data': base64(pemOf(oldKey)) } }] });
  const planted: Record<string, string | Uint8Array> = {
    'PEM of PKCS#8': pemOf(oldKey),
    'PEM of PKCS#1': oldKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    'DER of PKCS#8': der(oldKey, 'pkcs8'),
    'DER of PKCS#1': der(oldKey, 'pkcs1'),
    'a Secret in JSON': JSON.stringify({ kind: 'Secret', data: { [random.name()]: base64(pemOf(oldKey)) } }),
    'binaryData of a ConfigMap': JSON.stringify({
      binaryData: { a: base64(gzipSync(der(oldKey, 'pkcs8'))) },
    }),
    'a kubeconfig': kubeconfig,
    'a kubeconfig in a Secret in JSON': JSON.stringify({ data: { kubeconfig: base64(kubeconfig) } }),
    'a data: URL': `data:text/plain;base64,${base64(pemOf(oldKey))}`,
    'a percent-encoded data: URL': `data:,${encodeURIComponent(pemOf(oldKey))}`,
    'PEM in a JSON string': JSON.stringify({ key: pemOf(oldKey) }),
    'PEM in a JSON string in a JSON string': JSON.stringify({ a: JSON.stringify({ key: pemOf(oldKey) }) }),
    'PEM in YAML': `key: |\n${pemOf(oldKey).replaceAll(/^/gm, '      ')}`,
    'PEM with quoted lines': pemOf(oldKey).replaceAll(/^(.*)$/gm, '> "$1"'),
    gzip: gzipSync(pemOf(oldKey)),
    'gzip in base64': base64(gzipSync(pemOf(oldKey))),
    hex: der(oldKey, 'pkcs8').toString('hex'),
    'among random bytes': Buffer.concat([random.bytes(1000), der(oldKey, 'pkcs1'), random.bytes(1000)]),
  };

  it.each(Object.entries(planted))('finds a key as %s', (_, content) => {
    expect(kindsFoundIn(content), told('planted key')).toContain('private-key');
  });

  it('finds a token, also inside base64 at any alignment', () => {
    for (let lead = 0; lead < 3; lead++) {
      expect(kindsFoundIn(base64(`${'-'.repeat(lead)}${oldToken}`)), told('token')).toContain('token');
    }
  });

  it('is silent on new keys, tokens and random bytes', () => {
    const key = newRsaKey();
    const content = [pemOf(key), newToken(random, key), base64(random.bytes(3000)), pemOf(newEcKey())].join(
      '\n',
    );
    expect(kindsFoundIn(content), told('clean')).toEqual([]);
  });

  it('names the place, the offset and the encodings', () => {
    const lead = random.bytes(50).fill(0);
    const content = Buffer.concat([lead, Buffer.from(base64(pemOf(oldKey)))]);
    const { leftOvers } = scanPlaces([{ path: '/clone/file', bytes: content, offset: 1000 }], secrets);
    expect(leftOvers[0]).toMatchObject({ path: '/clone/file', offset: 1050, source: seedFile.path });
    expect(leftOvers.map((l) => l.encoding)).toContain('base64 > base64');
  });

  it('refuses to call an empty scan clean', () => {
    expect(() => scanPlaces([], secrets)).toThrow(/proves nothing/);
    expect(() => scanPlaces([placeOf('/c', 'x')], [])).toThrow(/proves nothing/);
  });

  it('finds an ECDSA key by its scalar, whatever stands around it', () => {
    const key = newEcKey();
    const found = collectSecrets([placeOf('/s', pemOf(key))]);
    const jwk = createPrivateKey(pemOf(key)).export({ format: 'jwk' });
    const { leftOvers } = scanPlaces([placeOf('/c', JSON.stringify(jwk))], found);
    expect(leftOvers.map((l) => l.kind)).toContain('private-key');
  });
});
