import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Failure } from '#base/failure.ts';
import { gunzipParallel } from './gunzipParallel.ts';
import { gzipParallel } from './gzipParallel.ts';
import { hashing } from './hashing.ts';
import { unzstdParallel } from './unzstdParallel.ts';
import { zstdParallel } from './zstdParallel.ts';

/** A blob as manifests and indexes name it (OCI image-spec, descriptor.md). */
export interface OciDescriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The part of an image configuration that says how to run it (OCI image-spec, config.md). */
interface OciRunConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

interface OciImageConfig {
  /** RFC 3339. */
  readonly created?: string;
  readonly architecture: string;
  readonly os: string;
  readonly config?: OciRunConfig;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
}

export interface OciManifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: OciDescriptor;
  readonly layers: readonly OciDescriptor[];
}

/** Where the files of a layout are; `system/localLayout.ts` has one for a directory. */
export interface LayoutStore {
  /** Keeps a stream as `blobs/sha256/<its digest>`. */
  addBlob(content: AsyncIterable<Buffer>): Promise<Pick<OciDescriptor, 'digest' | 'size'>>;
  openBlob(digest: string): AsyncIterable<Buffer>;
  writeText(name: string, text: string): Promise<void>;
  readText(name: string): Promise<string>;
}

export type LayerCompression = 'gzip' | 'zstd' | 'none';

interface LayerSource {
  /** An uncompressed tar stream. */
  readonly tar: AsyncIterable<Buffer>;
  readonly compression: LayerCompression;
}

export interface ImageSource {
  readonly layers: readonly LayerSource[];
  readonly architecture: string;
  readonly created: string;
  /** A function is asked when the layers are written, for labels that tell what they hold. */
  readonly config: OciRunConfig | (() => OciRunConfig);
  /** How the image is called in the layout's index, usually a tag. */
  readonly reference: string;
}

/** An image as a layout holds it; layers are read with {@link openLayer}. */
export interface OciImage {
  readonly manifestDigest: string;
  readonly config: OciImageConfig;
  readonly layers: readonly OciDescriptor[];
}

const IMAGE_MEDIA_TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
} as const;
const LAYER_MEDIA_TYPES: Readonly<Record<LayerCompression, string>> = {
  none: 'application/vnd.oci.image.layer.v1.tar',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
};
const REFERENCE = 'org.opencontainers.image.ref.name';

/** Writes an image as the only one of a layout; layers are streamed, nothing is held in memory. Returns the manifest's digest. */
export async function writeOciImage(image: ImageSource, store: LayoutStore): Promise<string> {
  const layers: OciDescriptor[] = [];
  const diffIds: string[] = [];
  for (const layer of image.layers) {
    const { descriptor, diffId } = await addLayer(layer, store);
    layers.push(descriptor);
    diffIds.push(diffId);
  }
  const config: OciImageConfig = {
    created: image.created,
    architecture: image.architecture,
    os: 'linux',
    config: typeof image.config === 'function' ? image.config() : image.config,
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
  const manifest: OciManifest = {
    schemaVersion: 2,
    mediaType: IMAGE_MEDIA_TYPES.manifest,
    config: await addDocument(config, IMAGE_MEDIA_TYPES.config, store),
    layers,
  };
  const descriptor = await addDocument(manifest, IMAGE_MEDIA_TYPES.manifest, store);
  const named = { ...descriptor, annotations: { [REFERENCE]: image.reference } };
  const index = { schemaVersion: 2, mediaType: IMAGE_MEDIA_TYPES.index, manifests: [named] };
  await store.writeText('index.json', JSON.stringify(index));
  await store.writeText('oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return descriptor.digest;
}

/** Reads the image of that reference, or the only one. A Failure `formats/oci-...` for a layout that is damaged or holds no such image. */
export async function readOciImage(store: LayoutStore, reference?: string): Promise<OciImage> {
  const index = parseJson<{ manifests?: OciDescriptor[] }>(await store.readText('index.json'), 'index.json');
  const candidates = (index.manifests ?? []).filter(
    ({ annotations }) => reference === undefined || annotations?.[REFERENCE] === reference,
  );
  const [found, ...others] = candidates;
  if (found === undefined || others.length > 0) {
    const asked = reference === undefined ? 'exactly one image' : `one image called ${reference}`;
    throw ociFailure(
      'image-not-found',
      `index.json names ${candidates.length} images where ${asked} is expected`,
    );
  }
  const manifest = await readDocument<Partial<OciManifest>>(found, store);
  if (manifest.config === undefined || !Array.isArray(manifest.layers)) {
    throw ociFailure('no-image-manifest', `${found.digest} is not an image manifest`);
  }
  const config = await readDocument<OciImageConfig>(manifest.config, store);
  return { manifestDigest: found.digest, config, layers: manifest.layers };
}

/** A layer as an uncompressed tar stream; it fails at its end when the bytes don't have the descriptor's digest. */
export async function* openLayer(
  layer: OciDescriptor,
  store: Pick<LayoutStore, 'openBlob'>,
): AsyncGenerator<Buffer> {
  const blob = verified(layer, store.openBlob(layer.digest));
  if (layer.mediaType.endsWith('gzip')) yield* gunzipParallel(blob);
  else if (layer.mediaType.endsWith('zstd')) yield* unzstdParallel(blob);
  else yield* blob;
}

async function addLayer(layer: LayerSource, store: LayoutStore) {
  const hash = createHash('sha256');
  const blob = await store.addBlob(compressed(hashing(layer.tar, hash), layer.compression));
  const descriptor: OciDescriptor = { mediaType: LAYER_MEDIA_TYPES[layer.compression], ...blob };
  return { descriptor, diffId: `sha256:${hash.digest('hex')}` };
}

function compressed(tar: AsyncIterable<Buffer>, compression: LayerCompression): AsyncIterable<Buffer> {
  if (compression === 'gzip') return gzipParallel(tar);
  return compression === 'zstd' ? zstdParallel(tar) : tar;
}

async function addDocument(document: object, mediaType: string, store: LayoutStore): Promise<OciDescriptor> {
  return { mediaType, ...(await store.addBlob(Readable.from([Buffer.from(JSON.stringify(document))]))) };
}

async function readDocument<T extends object>(descriptor: OciDescriptor, store: LayoutStore): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of verified(descriptor, store.openBlob(descriptor.digest))) chunks.push(chunk);
  return parseJson<T>(Buffer.concat(chunks).toString('utf8'), descriptor.digest);
}

function parseJson<T extends object>(text: string, name: string): T {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {}
  throw ociFailure('damaged', `${name} is not a JSON object`);
}

async function* verified(descriptor: OciDescriptor, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  yield* hashing(content, hash);
  const digest = `sha256:${hash.digest('hex')}`;
  if (digest !== descriptor.digest) {
    throw ociFailure('damaged', `the blob ${descriptor.digest} has the digest ${digest}`);
  }
}

const ociFailure = (what: string, message: string): Failure =>
  new Failure({
    code: `formats/oci-${what}`,
    message: `OCI image layout: ${message}`,
    hint: 'copy the image again, for example with skopeo copy',
  });
