import { Failure } from '#base/failure.ts';
import { type ByteSource, type IsoEntry, readIso, readIsoFile } from './iso9660Reader.ts';

/** A piece of a CoreOS live ISO that is kept free for an Ignition archive; both numbers are bytes. */
export interface EmbedArea {
  readonly offset: number;
  readonly length: number;
}

/** Bytes that take the place of as many others from `offset`. */
export interface Overwrite {
  readonly offset: number;
  readonly bytes: Buffer;
}

const INFO_FILE = 'coreos/igninfo.json';
/** Where the area is in images that don't say it. */
const DEFAULT_FILE = 'images/ignition.img';
/** 256 KiB in today's images; more than this is a broken image. */
const LARGEST_AREA = 64 * 1024 * 1024;
const LARGEST_INFO = 64 * 1024;

interface AreaInfo {
  readonly file: string;
  readonly offset?: number;
  readonly length?: number;
}

/**
 * Finds the embed area of a CoreOS live ISO: `/coreos/igninfo.json` names the file and a part of it, without
 * it the area is the whole of `/images/ignition.img`. Names are compared without regard to case.
 *
 * @throws Failure formats/embed-area-missing, formats/embed-area-malformed, formats/iso-*
 */
export async function findEmbedArea(source: ByteSource): Promise<EmbedArea> {
  const { entries } = await readIso(source);
  const infoFile = findFile(entries, INFO_FILE);
  const info = infoFile === undefined ? { file: DEFAULT_FILE } : await readInfo(source, infoFile);
  const file = findFile(entries, info.file);
  if (file === undefined) {
    throw new Failure({
      code: 'formats/embed-area-missing',
      message: `the ISO has no file ${info.file}, where Ignition would be embedded`,
      hint: 'give a CoreOS live ISO (rhcos-<release>-live-iso.<arch>.iso)',
    });
  }
  const start = info.offset ?? 0;
  const length = info.length ?? file.size - start;
  if (start + length > file.size || length <= 0 || length > LARGEST_AREA) {
    throw malformed(`an area of ${length} bytes from ${start} in ${info.file}, which has ${file.size} bytes`);
  }
  return { offset: file.offset + start, length };
}

const findFile = (entries: readonly IsoEntry[], path: string): IsoEntry | undefined => {
  const wanted = path.replace(/^\/+/, '').toLowerCase();
  return entries.find((entry) => entry.kind === 'file' && entry.path.toLowerCase() === wanted);
};

async function readInfo(source: ByteSource, entry: IsoEntry): Promise<AreaInfo> {
  if (entry.size > LARGEST_INFO) throw malformed(`${INFO_FILE} of ${entry.size} bytes`);
  const text = (await readIsoFile(source, entry)).toString('utf8');
  const info = parseJson(text);
  const isObject = typeof info === 'object' && info !== null;
  const { file, offset, length } = (isObject ? info : {}) as Readonly<Record<string, unknown>>;
  if (typeof file !== 'string' || file === '' || !isCount(offset) || !isCount(length)) {
    throw malformed(`a ${INFO_FILE} without "file", or with an offset or length that is no whole number`);
  }
  return { file, ...(offset !== undefined && { offset }), ...(length !== undefined && { length }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(`a ${INFO_FILE} that is no JSON`);
  }
}

const isCount = (value: unknown): value is number | undefined =>
  value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);

/**
 * What is to be written so that the area holds the archive, and zeros behind it.
 *
 * @throws Failure formats/embed-area-too-small
 */
export function planEmbedding(area: EmbedArea, archive: Uint8Array): Overwrite {
  if (archive.length > area.length) {
    throw new Failure({
      code: 'formats/embed-area-too-small',
      message: `content length (${archive.length}) exceeds embed area size (${area.length})`,
      hint: 'make post.sh, the trust bundle or ignitionConfigOverride smaller',
    });
  }
  const bytes = Buffer.alloc(area.length);
  bytes.set(archive);
  return { offset: area.offset, bytes };
}

/** The stream with the overwrite applied; nothing else of it changes. */
export async function* applyOverwrite(
  source: AsyncIterable<Uint8Array>,
  { offset, bytes }: Overwrite,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  for await (const piece of source) {
    const from = Math.max(offset, position);
    const to = Math.min(offset + bytes.length, position + piece.length);
    if (from < to) {
      const changed = Buffer.from(piece);
      bytes.copy(changed, from - position, from - offset, to - offset);
      yield changed;
    } else yield piece;
    position += piece.length;
  }
}

const malformed = (what: string): Failure =>
  new Failure({ code: 'formats/embed-area-malformed', message: `the ISO has ${what}` });
