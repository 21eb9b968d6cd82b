import { createCipheriv, createDecipheriv } from 'node:crypto';
import { Failure } from '#base/failure.ts';

const CIPHERS = ['aescbc', 'aesgcm'] as const;

/** The AES providers of Kubernetes' encryption at rest; `identity` is the absence of keys. */
export type EncryptionCipher = (typeof CIPHERS)[number];

export const isEncryptionCipher = (text: string | undefined): text is EncryptionCipher =>
  CIPHERS.some((cipher) => cipher === text);

export interface EncryptionKey {
  readonly cipher: EncryptionCipher;
  readonly name: string;
  /** 16, 24 or 32 bytes. */
  readonly secret: Buffer;
}

/** An EncryptionConfiguration: what is written is sealed with the first key of the first provider. */
export interface EncryptionConfiguration {
  /** The document as compact JSON with a line break, as operators store it. */
  readonly text: string;
  readonly entries: readonly {
    /** `secrets` or `routes.route.openshift.io`. */
    readonly resources: readonly string[];
    /** Of all providers in their order. */
    readonly keys: readonly EncryptionKey[];
    /** True where the first provider is `identity`: values are written as they are. */
    readonly isWrittenPlain: boolean;
  }[];
}

const SEALED = Buffer.from('k8s:enc:');
const GCM_NONCE = 12;
const GCM_TAG = 16;
const CBC_BLOCK = 16;

export const isSealed = (value: Buffer): boolean => value.subarray(0, SEALED.length).equals(SEALED);

const prefixOf = ({ cipher, name }: EncryptionKey): Buffer => Buffer.from(`k8s:enc:${cipher}:v1:${name}:`);

/**
 * The value inside a sealed one; undefined where none of the keys fits. Several API servers have keys of the same name,
 * so that with CBC, which proves nothing, the right key is told by what comes out.
 */
export function openValue(
  value: Buffer,
  etcdKey: string,
  keys: readonly EncryptionKey[],
): Buffer | undefined {
  for (const key of keys) {
    const prefix = prefixOf(key);
    if (!value.subarray(0, prefix.length).equals(prefix)) continue;
    const opened = opening(key, value.subarray(prefix.length), etcdKey);
    if (opened !== undefined && isObject(opened)) return opened;
  }
  return undefined;
}

const isObject = (value: Buffer): boolean =>
  value[0] === 0x7b || value.subarray(0, 4).toString('latin1') === 'k8s\0';

function opening({ cipher, secret }: EncryptionKey, sealed: Buffer, etcdKey: string): Buffer | undefined {
  try {
    if (cipher === 'aescbc') {
      const iv = sealed.subarray(0, CBC_BLOCK);
      const decipher = createDecipheriv(`aes-${secret.length * 8}-cbc`, secret, iv);
      return Buffer.concat([decipher.update(sealed.subarray(CBC_BLOCK)), decipher.final()]);
    }
    const end = sealed.length - GCM_TAG;
    const decipher = createDecipheriv(gcm(secret), secret, sealed.subarray(0, GCM_NONCE), {
      authTagLength: GCM_TAG,
    });
    decipher.setAAD(Buffer.from(etcdKey)).setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(GCM_NONCE, end)), decipher.final()]);
  } catch {
    return undefined; // another key of the same name may fit
  }
}

/** The value as the API server stores it under this etcd key. `random` gives cryptographically random bytes. */
export function sealValue(
  value: Buffer,
  etcdKey: string,
  key: EncryptionKey,
  random: (length: number) => Buffer,
): Buffer {
  const { secret } = key;
  if (key.cipher === 'aescbc') {
    const iv = random(CBC_BLOCK);
    const cipher = createCipheriv(`aes-${secret.length * 8}-cbc`, secret, iv);
    return Buffer.concat([prefixOf(key), iv, cipher.update(value), cipher.final()]);
  }
  const nonce = random(GCM_NONCE);
  const cipher = createCipheriv(gcm(secret), secret, nonce);
  cipher.setAAD(Buffer.from(etcdKey));
  const sealed = Buffer.concat([cipher.update(value), cipher.final()]);
  return Buffer.concat([prefixOf(key), nonce, sealed, cipher.getAuthTag()]);
}

const gcm = (secret: Buffer): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' =>
  `aes-${(secret.length * 8) as 128 | 192 | 256}-gcm`;

/** One entry for each resource: this key, and `identity` for what is not encrypted yet, as OpenShift writes it. */
export function makeEncryptionConfiguration(
  resources: readonly string[],
  key: EncryptionKey,
): EncryptionConfiguration {
  const secret = key.secret.toString('base64');
  const document = {
    kind: 'EncryptionConfiguration',
    apiVersion: 'apiserver.config.k8s.io/v1',
    resources: resources.map((resource) => ({
      resources: [resource],
      providers: [{ [key.cipher]: { keys: [{ name: key.name, secret }] } }, { identity: {} }],
    })),
  };
  return parseEncryptionConfiguration(JSON.stringify(document));
}

/** Failure `k8s/encryption-configuration` says what is wrong; keys are never quoted. */
export function parseEncryptionConfiguration(text: string): EncryptionConfiguration {
  const document = parsed(text);
  if (member(document, 'kind') !== 'EncryptionConfiguration') throw malformed('kind is another');
  if (member(document, 'apiVersion') !== 'apiserver.config.k8s.io/v1')
    throw malformed('apiVersion is not apiserver.config.k8s.io/v1');
  const entries = list(member(document, 'resources'), 'resources').map((entry, index) => {
    const at = `resources[${index}]`;
    const providers = list(member(entry, 'providers'), `${at}.providers`).map((provider) =>
      keysOf(provider, at),
    );
    return {
      resources: list(member(entry, 'resources'), `${at}.resources`).map(String),
      keys: providers.flat(),
      isWrittenPlain: (providers[0]?.length ?? 0) === 0,
    };
  });
  return { text: `${JSON.stringify(document)}\n`, entries };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('it is not JSON');
  }
}

function keysOf(provider: unknown, at: string): EncryptionKey[] {
  const [name, ...more] = typeof provider === 'object' && provider !== null ? Object.keys(provider) : [];
  if (name === undefined || more.length > 0) throw malformed(`${at} has a provider that is not exactly one`);
  if (name === 'identity') return [];
  if (!isEncryptionCipher(name)) throw malformed(`${at} has the provider ${name}, which is not supported`);
  return list(member(member(provider, name), 'keys'), `${at} ${name}.keys`).map((key) => {
    const secret = Buffer.from(String(member(key, 'secret')), 'base64');
    if (![16, 24, 32].includes(secret.length)) throw malformed(`${at} has a key that is no AES key`);
    return { cipher: name, name: String(member(key, 'name')), secret };
  });
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(`${what} is no list`);
  return value;
}

const malformed = (reason: string): Failure =>
  new Failure({
    code: 'k8s/encryption-configuration',
    message: `not an EncryptionConfiguration that can be used: ${reason}`,
    hint: 'only the providers aescbc, aesgcm and identity are known',
  });
