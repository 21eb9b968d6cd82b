import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Failure } from '#base/failure.ts';
import type { OciDescriptor, OciManifest } from '#formats/ociLayout.ts';
import type { RegistryEntry } from '#formats/registriesConf.ts';
import type { RemoteImage } from './registry.ts';
import type { RegistryCredentials } from './registryCredentials.ts';
import { findPlaces, isDigestReference, parseImageReference } from './registryPlaces.ts';
import { type Retries, withRetries } from './registryRetries.ts';
import { openTransport, type RegistryTransport, readBody, registryFailure } from './registryTransport.ts';

/** How this machine reaches registries. */
export interface RegistryClientOptions {
  readonly credentials: RegistryCredentials;
  readonly registries: readonly RegistryEntry[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly idleSeconds: number;
  readonly retries: Retries;
  /** Which image of a list is wanted: `amd64`, `arm64`. */
  readonly architecture: string;
}

/** An image in its registry, found once and then read by digest. */
export interface OpenedImage extends RemoteImage {
  readonly manifest: OciManifest;
  readonly manifestText: Buffer;
  /** Of the manifest itself, where {@link RemoteImage.digest} may be that of a list. */
  readonly manifestDigest: string;
  readonly mediaType: string;
  /** The bytes of a blob from an offset on, from the first place that has it; not checked. */
  openBlob(digest: string, from: number): Promise<IncomingMessage>;
}

const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

interface Index {
  readonly manifests?: readonly (OciDescriptor & {
    readonly platform?: { readonly os?: string; readonly architecture?: string };
  })[];
}

/** Manifest and configuration of an image, read from its mirrors or its registry. Failure `system/image-unreadable` tells why not. */
export async function openRemoteImage(spec: string, options: RegistryClientOptions): Promise<OpenedImage> {
  try {
    return await openImage(spec, options);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure({
      code: cause.code === 'system/pull-spec-invalid' ? cause.code : 'system/image-unreadable',
      message: `could not read image ${spec} from its registry: ${cause.message}`,
      hint:
        cause.hint ?? 'check the pull spec, the registry, the credentials and registries.conf of this host',
      facts: { reason: cause.code },
      cause,
    });
  }
}

async function openImage(spec: string, options: RegistryClientOptions): Promise<OpenedImage> {
  const reference = parseImageReference(spec);
  const transports = findPlaces(reference, options.registries).map((place) =>
    openTransport(place, { ...options, credentials: options.credentials.basicFor }),
  );
  const anywhere = <T>(ask: (from: RegistryTransport) => Promise<T>) => tryEach(transports, ask);
  const document = (path: string, expected?: string) =>
    withRetries(options.retries, () => anywhere((from) => readDocument(from, path, expected)));
  const pinned = isDigestReference(reference) ? reference.version : undefined;
  let found = await document(`manifests/${reference.version}`, pinned);
  const { digest } = found;
  const { manifests } = parseJson<Index>(found.text);
  if (manifests !== undefined) {
    const own = manifests.find(
      ({ platform }) => platform?.os === 'linux' && platform.architecture === options.architecture,
    );
    if (own === undefined) {
      throw registryFailure('has-no-image', `the image is not there for linux/${options.architecture}`, {
        hint: 'name an image of this architecture',
      });
    }
    found = await document(`manifests/${own.digest}`, own.digest);
  }
  const manifest = parseJson<OciManifest>(found.text);
  if (!Array.isArray(manifest.layers) || manifest.config?.digest === undefined) {
    throw registryFailure('has-no-image', 'what the registry has under this name is no image');
  }
  const config = await document(`blobs/${manifest.config.digest}`, manifest.config.digest);
  const { architecture = '', config: run } = parseJson<{
    architecture?: string;
    config?: { Labels?: Record<string, string> | null };
  }>(config.text);
  return {
    digest,
    labels: run?.Labels ?? {},
    architecture,
    layerBytes: manifest.layers.reduce((sum, { size }) => sum + Math.max(size, 0), 0),
    manifest,
    manifestText: found.text,
    manifestDigest: found.digest,
    mediaType: found.mediaType,
    openBlob: (blob, from) =>
      anywhere((transport) => transport.get(`blobs/${blob}`, from === 0 ? {} : { range: `bytes=${from}-` })),
  };
}

interface Document {
  readonly text: Buffer;
  readonly digest: string;
  readonly mediaType: string;
}

async function readDocument(from: RegistryTransport, path: string, expected?: string): Promise<Document> {
  const accept = path.startsWith('manifests/') ? { accept: MANIFEST_TYPES.join(', ') } : {};
  const response = await from.get(path, accept);
  const text = await readBody(response);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  if (expected !== undefined && digest !== expected) throw corrupt(from.place.registry, expected);
  const mediaType = (response.headers['content-type'] ?? '').split(';')[0]!.trim();
  return { text, digest, mediaType: mediaType === '' ? MANIFEST_TYPES[0]! : mediaType };
}

/** What came is not what was asked for. */
export const corrupt = (host: string, digest: string): Failure =>
  registryFailure('blob-corrupt', `${host} served other bytes than those of ${digest}`, {
    hint: 'the registry or a proxy or mirror in front of it damages data: repair it, or push the image again',
  });

/** The first place that answers; of those that don't, all are told. */
async function tryEach<T>(
  transports: readonly RegistryTransport[],
  ask: (from: RegistryTransport) => Promise<T>,
): Promise<T> {
  const failures: Failure[] = [];
  for (const transport of transports) {
    try {
      return await ask(transport);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failures.push(error);
    }
  }
  // One that may pass decides: then another attempt is worth it.
  const passing = failures.find(({ code }) => !/-(has-no-image|unauthorized|untrusted)$/.test(code));
  const decisive = passing ?? failures[0]!;
  if (failures.length === 1) throw decisive;
  throw new Failure({
    code: decisive.code,
    message: failures.map(({ message }) => message).join('; '),
    ...(decisive.hint !== undefined && { hint: decisive.hint }),
    facts: decisive.facts,
    cause: decisive,
  });
}

function parseJson<T>(text: Buffer): T {
  try {
    const value: unknown = JSON.parse(text.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {}
  throw registryFailure('has-no-image', 'the registry answered with something that is no JSON');
}
