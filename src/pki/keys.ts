import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { Failure } from '#base/failure.ts';
import { decodeBitStringOctets, readChildren, readWhole, TAG } from '#formats/der.ts';
import { renderPemFile } from '#formats/pem.ts';

/** The kinds of keys that clusters hold and that Sower makes. */
export type KeySpec =
  | { readonly type: 'rsa'; readonly bits: number }
  | { readonly type: 'ec'; readonly curve: Curve }
  | { readonly type: 'ed25519' };

export type Curve = 'P-256' | 'P-384';

export type PrivateKeyFormat = 'pkcs1' | 'sec1' | 'pkcs8';
export type PublicKeyFormat = 'spki' | 'pkcs1';

/** A key as found: what a replacement must be written as. The label may contradict the format; both are kept. */
export interface FoundKey<F extends PrivateKeyFormat | PublicKeyFormat> {
  readonly key: KeyObject;
  readonly format: F;
}

/** Names of curves in OpenSSL. */
const OPENSSL_CURVES: Readonly<Record<Curve, string>> = { 'P-256': 'prime256v1', 'P-384': 'secp384r1' };

/** What a key document is read from; a PemBlock is one. */
export interface KeyDocument {
  readonly label: string;
  readonly der: Buffer;
  readonly headers?: readonly string[];
}

const PRIVATE_KEY_LABELS: ReadonlySet<string> = new Set(['RSA PRIVATE KEY', 'EC PRIVATE KEY', 'PRIVATE KEY']);
const PUBLIC_KEY_LABELS: ReadonlySet<string> = new Set(['RSA PUBLIC KEY', 'PUBLIC KEY']);

export const isPrivateKeyLabel = (label: string): boolean => PRIVATE_KEY_LABELS.has(label);
export const isPublicKeyLabel = (label: string): boolean => PUBLIC_KEY_LABELS.has(label);

const generatePair = promisify(generateKeyPair);

/**
 * A fresh private key, made on libuv's thread pool. The pool has four threads unless UV_THREADPOOL_SIZE was set
 * before the process started: hosts with more CPUs need it to make RSA keys on all of them.
 */
export async function generateKey(spec: KeySpec): Promise<KeyObject> {
  switch (spec.type) {
    case 'rsa':
      return (await generatePair('rsa', { modulusLength: spec.bits, publicExponent: 65537 })).privateKey;
    case 'ec':
      return (await generatePair('ec', { namedCurve: OPENSSL_CURVES[spec.curve] })).privateKey;
    case 'ed25519':
      return (await generatePair('ed25519', {})).privateKey;
  }
}

/** What would have to be generated to replace the key. @throws Failure pki/key-unsupported */
export function keySpecOf(key: KeyObject): KeySpec {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && modulusLength !== undefined)
    return { type: 'rsa', bits: modulusLength };
  if (key.asymmetricKeyType === 'ed25519') return { type: 'ed25519' };
  if (key.asymmetricKeyType === 'ec') {
    if (namedCurve === OPENSSL_CURVES['P-256']) return { type: 'ec', curve: 'P-256' };
    if (namedCurve === OPENSSL_CURVES['P-384']) return { type: 'ec', curve: 'P-384' };
  }
  throw unsupported(`${key.asymmetricKeyType ?? 'unknown'} key ${namedCurve ?? ''}`.trim());
}

/** `rsa-2048`, `ec-P-256`, `ed25519`: a stable name for maps, logs and reports. */
export function keySpecName(spec: KeySpec): string {
  if (spec.type === 'rsa') return `rsa-${spec.bits}`;
  return spec.type === 'ec' ? `ec-${spec.curve}` : spec.type;
}

/**
 * Reads a private key by its body, whatever the label says: the original recert writes PKCS#8 under
 * `EC PRIVATE KEY`. @throws Failure pki/key-unreadable, pki/key-unsupported
 */
export function parsePrivateKey(document: KeyDocument): FoundKey<PrivateKeyFormat> {
  if ((document.headers ?? []).length > 0) throw unreadable(document.label, 'is encrypted');
  const format = privateKeyFormat(document);
  try {
    const key = createPrivateKey({ key: document.der, format: 'der', type: format });
    keySpecOf(key);
    return { key, format };
  } catch (cause) {
    throw cause instanceof Failure ? cause : unreadable(document.label, `is no ${format} key`);
  }
}

/** The second element tells the three apart: PKCS#1 modulus, SEC1 key octets, PKCS#8 algorithm. */
function privateKeyFormat({ label, der }: KeyDocument): PrivateKeyFormat {
  let second: number | undefined;
  try {
    second = readChildren(readWhole(der, TAG.sequence, 'private key').content)[1]?.tag;
  } catch {
    throw unreadable(label, 'is malformed DER');
  }
  if (second === TAG.integer) return 'pkcs1';
  if (second === TAG.octetString) return 'sec1';
  if (second === TAG.sequence) return 'pkcs8';
  throw unreadable(label, 'has none of the forms PKCS#1, SEC1 and PKCS#8');
}

/**
 * Reads a public key by its body: OpenShift writes SubjectPublicKeyInfo under `RSA PUBLIC KEY`, other tools PKCS#1.
 * @throws Failure pki/key-unreadable, pki/key-unsupported
 */
export function parsePublicKey(document: KeyDocument): FoundKey<PublicKeyFormat> {
  try {
    const [first] = readChildren(readWhole(document.der, TAG.sequence, 'public key').content);
    const format = first?.tag === TAG.integer ? 'pkcs1' : 'spki';
    const key = createPublicKey({ key: document.der, format: 'der', type: format });
    keySpecOf(key);
    return { key, format };
  } catch (cause) {
    if (cause instanceof Failure && cause.code.startsWith('pki/')) throw cause;
    throw unreadable(document.label, 'is neither SubjectPublicKeyInfo nor PKCS#1');
  }
}

/** DER of a private key; PKCS#1 holds RSA keys only, SEC1 EC keys only. @throws Failure pki/key-format */
export function privateKeyDer(key: KeyObject, format: PrivateKeyFormat): Buffer {
  const { type } = keySpecOf(key);
  if ((format === 'pkcs1' && type !== 'rsa') || (format === 'sec1' && type !== 'ec')) {
    throw new Failure({ code: 'pki/key-format', message: `${format} cannot hold a ${type} key` });
  }
  return key.export({ format: 'der', type: format });
}

/** DER of the public half of a key. @throws Failure pki/key-format */
export function publicKeyDer(key: KeyObject, format: PublicKeyFormat): Buffer {
  if (format === 'pkcs1' && key.asymmetricKeyType !== 'rsa') {
    throw new Failure({
      code: 'pki/key-format',
      message: `pkcs1 cannot hold a ${key.asymmetricKeyType} key`,
    });
  }
  // Node 24 cannot export as PKCS#1 what it has read as PKCS#1; SubjectPublicKeyInfo holds the same bytes.
  return format === 'pkcs1' ? subjectPublicKey(spkiDer(key)) : spkiDer(key);
}

/** The key bits inside a SubjectPublicKeyInfo: for RSA the PKCS#1 form. @throws Failure formats/der-malformed */
export const subjectPublicKey = (spki: Buffer): Buffer =>
  decodeBitStringOctets(
    readChildren(readWhole(spki, TAG.sequence, 'subjectPublicKeyInfo').content)[1],
    'subjectPublicKey',
  );

/** The PEM file OpenShift writes for a private key: PKCS#1 for RSA, SEC1 for EC, PKCS#8 otherwise. A secret. */
export function renderPrivateKeyFile(key: KeyObject): string {
  const { type } = keySpecOf(key);
  if (type === 'rsa') return renderPemFile('RSA PRIVATE KEY', privateKeyDer(key, 'pkcs1'));
  if (type === 'ec') return renderPemFile('EC PRIVATE KEY', privateKeyDer(key, 'sec1'));
  return renderPemFile('PRIVATE KEY', privateKeyDer(key, 'pkcs8'));
}

/** The PEM file OpenShift writes for a public key: SubjectPublicKeyInfo, RSA keys under the label `RSA PUBLIC KEY`. */
export function renderPublicKeyFile(key: KeyObject): string {
  return renderPemFile(key.asymmetricKeyType === 'rsa' ? 'RSA PUBLIC KEY' : 'PUBLIC KEY', spkiDer(key));
}

export const publicKeyOf = (key: KeyObject): KeyObject =>
  key.type === 'private' ? createPublicKey(key) : key;

/** SubjectPublicKeyInfo of the key or of its public half. */
export const spkiDer = (key: KeyObject): Buffer => publicKeyOf(key).export({ format: 'der', type: 'spki' });

/** Hex SHA-256 of the SubjectPublicKeyInfo: one name for a key pair wherever it is found. */
export const keyFingerprint = (key: KeyObject): string =>
  createHash('sha256').update(spkiDer(key)).digest('hex');

const unsupported = (what: string): Failure =>
  new Failure({
    code: 'pki/key-unsupported',
    message: `${what} is not supported`,
    hint: 'Sower handles RSA, EC P-256, EC P-384 and Ed25519 keys.',
  });

/** The causes of OpenSSL are dropped on purpose: they may quote the input. */
const unreadable = (label: string, reason: string): Failure =>
  new Failure({ code: 'pki/key-unreadable', message: `PEM block "${label}" ${reason}` });
