import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { renderPemFile, replaceBlocks, scanPem } from '#formats/pem.ts';
import { type Certificate, isSignedBy, parseCertificate } from '#pki/certificate.ts';
import { type Issuer, issueCertificate, randomSerial } from '#pki/issue.ts';
import { jwtKeyId, parseJwt, resignJwt } from '#pki/jwt.ts';
import {
  generateKey,
  type KeySpec,
  keyFingerprint,
  keySpecName,
  parsePrivateKey,
  parsePublicKey,
  privateKeyDer,
  publicKeyDer,
  renderPrivateKeyFile,
  renderPublicKeyFile,
} from '#pki/keys.ts';
import { goName } from '#pki/names.ts';
import { issueLeaf, issueSigner } from '#pki/openshift.ts';
import { reissueCertificate } from '#pki/resign.ts';
import { localHost } from '#system/localHost.ts';

const SPECS: readonly KeySpec[] = [
  { type: 'rsa', bits: 2048 },
  { type: 'ec', curve: 'P-256' },
  { type: 'ec', curve: 'P-384' },
  { type: 'ed25519' },
];
const byName = SPECS.map((spec) => [keySpecName(spec), spec] as const);

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sower-pki-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function openssl(...args: string[]): Promise<string> {
  return (await localHost.run(['openssl', ...args], { cwd: dir })).stdout;
}

const write = (name: string, content: string | Buffer) =>
  writeFile(join(dir, name), content, { mode: 0o600 });
const writeCertificate = (name: string, { der }: Certificate) =>
  write(name, renderPemFile('CERTIFICATE', der));
const read = async (name: string) => scanPem(await localHost.files.read(join(dir, name))).blocks;
const readCertificate = async (name: string) => parseCertificate((await read(name)).at(-1)!.der);

const now = new Date(Math.floor(Date.now() / 1000) * 1000);
const request = (commonName: string, key: KeyObject) => ({
  subject: goName({ commonName, organizationalUnit: ['openshift'] }),
  key,
  serial: randomSerial(),
  now,
  validitySeconds: 40 * 365 * 86_400,
});

test.each(byName)('a new %s signer and its leaf are a chain to openssl', async (_, spec) => {
  const signer = issueSigner(request('new@signer', await generateKey(spec)));
  const leaf = issueLeaf({
    ...request('leaf', await generateKey({ type: 'ec', curve: 'P-256' })),
    issuer: signer,
    extendedKeyUsage: ['serverAuth'],
    dnsNames: ['api.example'],
    ipAddresses: ['192.0.2.7', '2001:db8::7'],
  });
  await writeCertificate('ca.crt', signer.certificate);
  await writeCertificate('leaf.crt', leaf);
  const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', 'ca.crt'];
  await openssl(...verify, '-verify_hostname', 'api.example', 'leaf.crt');
  await openssl(...verify, '-verify_ip', '2001:db8::7', 'leaf.crt');
  await expect(openssl(...verify, '-verify_hostname', 'other.example', 'leaf.crt')).rejects.toThrow();
  const dates = await openssl('x509', '-in', 'leaf.crt', '-noout', '-dates', '-dateopt', 'iso_8601');
  expect(dates).toContain(`notAfter=${leaf.notAfter.date.toISOString().slice(0, 19).replace('T', ' ')}Z`);
});

test.each(byName)('a chain of openssl, re-signed with %s keys, is a chain to openssl', async (_, spec) => {
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    '9',
    '-subj',
    '/OU=openshift/CN=old-ca',
    '-addext',
    'keyUsage=critical,keyCertSign',
  );
  await openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'leaf.key',
    '-out',
    'leaf.csr',
    '-subj',
    '/CN=old',
  );
  await write(
    'leaf.ext',
    [
      'subjectAltName=DNS:old.example,IP:192.0.2.1,email:a@old.example,dirName:other',
      'authorityKeyIdentifier=keyid:always,issuer:always',
      'subjectKeyIdentifier=hash',
      '1.3.6.1.4.1.99999.7=critical,ASN1:UTF8String:unknown',
      '[other]',
      'CN=someone',
    ].join('\n'),
  );
  await openssl(
    'x509',
    '-req',
    '-in',
    'leaf.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-days',
    '9',
    '-set_serial',
    '5',
    '-extfile',
    'leaf.ext',
    '-out',
    'leaf.crt',
  );
  const [oldCa, oldLeaf] = [await readCertificate('ca.crt'), await readCertificate('leaf.crt')];
  const [oldKey] = await read('ca.key');
  expect(isSignedBy(oldLeaf, parsePrivateKey(oldKey!).key)).toBe(true);

  const rules = ['ca', 'example'].map((part) => ({ old: `old-${part}`, new: `new-${part}` }));
  rules.push(
    { old: 'old', new: 'new' },
    { old: 'old.example', new: 'new.example' },
    { old: '192.0.2.1', new: '::1' },
  );
  const change = async (certificate: Certificate, signer?: Issuer): Promise<Issuer> => {
    const key = await generateKey(spec);
    const serial = randomSerial();
    const reissue = { certificate, signer: signer ?? { key }, subjectKey: key, serial, rules };
    return { certificate: reissueCertificate(reissue).certificate, key };
  };
  const ca = await change(oldCa);
  const leaf = await change(oldLeaf, ca);
  await writeCertificate('new-ca.crt', ca.certificate);
  await writeCertificate('new-leaf.crt', leaf.certificate);

  await openssl(
    'verify',
    '-x509_strict',
    '-ignore_critical',
    '-CAfile',
    'new-ca.crt',
    '-verify_hostname',
    'new.example',
    '-verify_ip',
    '::1',
    'new-leaf.crt',
  );
  await expect(openssl('verify', '-ignore_critical', '-CAfile', 'ca.crt', 'new-leaf.crt')).rejects.toThrow();
  const text = await openssl('x509', '-in', 'new-leaf.crt', '-noout', '-text', '-nameopt', 'compat');
  for (const kept of ['email:a@old.example', 'DirName:/CN=someone', '1.3.6.1.4.1.99999.7: critical']) {
    expect(text).toContain(kept);
  }
  expect(text).toContain('DirName:/OU=openshift/CN=new-ca');
});

test.each(byName)('openssl reads every form of a %s key and gives the same key back', async (_, spec) => {
  const key = await generateKey(spec);
  await write('pkcs8.key', renderPemFile('PRIVATE KEY', privateKeyDer(key, 'pkcs8')));
  await write('own.key', renderPrivateKeyFile(key));
  await write('own.pub', renderPemFile('PUBLIC KEY', publicKeyDer(key, 'spki')));
  const derived = await openssl('pkey', '-in', 'own.key', '-check', '-pubout');
  expect(derived).toContain(await openssl('pkey', '-pubin', '-in', 'own.pub', '-pubout'));

  // Ed25519 keys have no form older than PKCS#8.
  const form = spec.type === 'ed25519' ? [] : ['-traditional'];
  await openssl('pkey', '-in', 'pkcs8.key', ...form, '-out', 'converted.key');
  for (const name of ['converted.key', 'own.key', 'pkcs8.key']) {
    const [block] = await read(name);
    const found = parsePrivateKey(block!);
    expect(keyFingerprint(found.key)).toBe(keyFingerprint(key));
    expect(privateKeyDer(found.key, found.format).equals(block!.der)).toBe(true);
  }
});

test('openssl reads public RSA keys under both labels', async () => {
  const key = await generateKey({ type: 'rsa', bits: 2048 });
  await write('pkcs1.pub', renderPemFile('RSA PUBLIC KEY', publicKeyDer(key, 'pkcs1')));
  const [spki] = scanPem(await openssl('rsa', '-RSAPublicKey_in', '-in', 'pkcs1.pub', '-pubout')).blocks;
  const [openshift] = scanPem(renderPublicKeyFile(key)).blocks;
  expect(parsePublicKey(openshift!).format).toBe('spki');
  expect(spki!.der.equals(openshift!.der)).toBe(true);
});

test('openssl verifies a re-signed token', async () => {
  const old = Buffer.from('{"alg":"RS256","kid":"old"}').toString('base64url');
  const key = await generateKey({ type: 'rsa', bits: 2048 });
  const [header, payload, signature] = resignJwt(parseJwt(`${old}.${old}.AAAA`)!, key).split('.');
  await write('input', `${header}.${payload}`);
  await write('signature', Buffer.from(signature!, 'base64url'));
  await write('key.pub', renderPemFile('PUBLIC KEY', publicKeyDer(key, 'spki')));
  await openssl('dgst', '-sha256', '-verify', 'key.pub', '-signature', 'signature', 'input');
  await openssl('pkey', '-pubin', '-in', 'key.pub', '-outform', 'DER', '-out', 'key.der');
  const digest = await openssl('dgst', '-sha256', '-r', 'key.der');
  expect(Buffer.from(digest.split(' ')[0]!, 'hex').toString('base64url')).toBe(jwtKeyId(key));
});

test('openssl reads a bundle in which one certificate was replaced, comments and line ends kept', async () => {
  const bundle = (
    await Promise.all(
      ['a', 'b'].map(async (name) => issueSigner(request(name, await generateKey(SPECS[1]!))).certificate),
    )
  ).map(({ der }, i) => `# ${i} é\r\n${renderPemFile('CERTIFICATE', der).replaceAll('\n', '\r\n')}`);
  const text = bundle.join('');
  const key = await generateKey(SPECS[2]!);
  const fresh = issueCertificate(
    { subject: goName({ commonName: 'fresh' }), serial: 3n, notBefore: now, notAfter: now },
    key,
  );
  const edited = replaceBlocks(text, [{ block: scanPem(text).blocks[1]!, der: fresh.der }]);
  expect(edited.toString().startsWith(`${bundle[0]}# 1 é\r\n-----BEGIN`)).toBe(true);
  await write('bundle.pem', edited);
  const subjects = await openssl('storeutl', '-noout', '-text', '-certs', 'bundle.pem');
  expect(subjects).toMatch(/CN ?= ?fresh/);
  expect(subjects).toContain('Total found: 2');
});
