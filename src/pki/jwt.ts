import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { Failure } from '#base/failure.ts';
import { keySpecOf, publicKeyOf, spkiDer } from './keys.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON Web Token in compact form. The whole of it is a secret: whoever holds it is its subject. */
export interface Jwt {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  /** The three base64url segments as found. */
  readonly segments: readonly [header: string, payload: string, signature: string];
}

interface Algorithm {
  readonly key: 'rsa-any' | 'ec-P-256' | 'ec-P-384';
  readonly digest: 'sha256' | 'sha384' | 'sha512';
}

/** RFC 7518 section 3.1, as far as Kubernetes signs or accepts service account tokens with it. */
const ALGORITHMS: ReadonlyMap<unknown, Algorithm> = new Map<unknown, Algorithm>([
  ['RS256', { key: 'rsa-any', digest: 'sha256' }],
  ['RS384', { key: 'rsa-any', digest: 'sha384' }],
  ['RS512', { key: 'rsa-any', digest: 'sha512' }],
  ['ES256', { key: 'ec-P-256', digest: 'sha256' }],
  ['ES384', { key: 'ec-P-384', digest: 'sha384' }],
]);

/**
 * Reads a token; `undefined` for a text that is none: not three segments of strict unpadded base64url, or header and
 * payload are not JSON objects. Three dotted words occur in clusters that are no tokens, so this is no error.
 */
export function parseJwt(token: string): Jwt | undefined {
  const [header, payload, signature, ...more] = token.split('.');
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0)
    return undefined;
  const parts = [header, payload, signature].map(decodeBase64Url);
  const [headerJson, payloadJson] = parts.slice(0, 2).map((part) => part && parseObject(part));
  if (!headerJson || !payloadJson || parts[2] === undefined) return undefined;
  return { header: headerJson, payload: payloadJson, segments: [header, payload, signature] };
}

/** The `kid` of Kubernetes' service account issuer: unpadded base64url of the SHA-256 of the SubjectPublicKeyInfo. */
export const jwtKeyId = (key: KeyObject): string =>
  createHash('sha256').update(spkiDer(key)).digest('base64url');

/** Whether the key made the signature; `false` for algorithms other than RS256/384/512 and ES256/384. */
export function verifyJwt({ header, segments }: Jwt, key: KeyObject): boolean {
  const algorithm = ALGORITHMS.get(header['alg']);
  if (algorithm === undefined || algorithm.key !== algorithmKeyOf(key)) return false;
  const input = Buffer.from(`${segments[0]}.${segments[1]}`, 'latin1');
  const signature = Buffer.from(segments[2], 'base64url');
  return verify(algorithm.digest, input, { key: publicKeyOf(key), dsaEncoding: 'ieee-p1363' }, signature);
}

/**
 * The token signed by another key: payload bytes kept, `kid` set where it stood (or last), `alg` changed only if the
 * key cannot sign with it. @throws Failure pki/jwt-key
 */
export function resignJwt({ header, segments }: Jwt, key: KeyObject): string {
  const alg =
    ALGORITHMS.get(header['alg'])?.key === algorithmKeyOf(key) ? header['alg'] : defaultAlgorithm(key);
  return signSegments({ ...header, alg, kid: jwtKeyId(key) }, segments[1], key);
}

/** A new token with the header Kubernetes writes (`alg`, `kid`). @throws Failure pki/jwt-key */
export function signJwt(payload: JsonObject, key: KeyObject): string {
  const header = { alg: defaultAlgorithm(key), kid: jwtKeyId(key) };
  return signSegments(header, Buffer.from(JSON.stringify(payload)).toString('base64url'), key);
}

function signSegments(header: JsonObject, payload: string, key: KeyObject): string {
  const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`;
  const digest = ALGORITHMS.get(header['alg'])?.digest;
  const signature = sign(digest, Buffer.from(input, 'latin1'), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function algorithmKeyOf(key: KeyObject): Algorithm['key'] | undefined {
  const spec = keySpecOf(key);
  if (spec.type === 'ec') return `ec-${spec.curve}`;
  return spec.type === 'rsa' ? 'rsa-any' : undefined;
}

function defaultAlgorithm(key: KeyObject): string {
  switch (algorithmKeyOf(key)) {
    case 'rsa-any':
      return 'RS256';
    case 'ec-P-256':
      return 'ES256';
    case 'ec-P-384':
      return 'ES384';
    default:
      throw new Failure({
        code: 'pki/jwt-key',
        message: `service account tokens cannot be signed with a key of type ${key.asymmetricKeyType}`,
        hint: 'Use an RSA, P-256 or P-384 key.',
      });
  }
}

/** Strict: Node skips characters outside the alphabet and stray bits at the end. */
function decodeBase64Url(segment: string): Buffer | undefined {
  const octets = Buffer.from(segment, 'base64url');
  return segment !== '' && octets.toString('base64url') === segment ? octets : undefined;
}

function parseObject(json: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(json.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
