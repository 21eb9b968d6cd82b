import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** A stretch of bytes to look at. */
export interface Place {
  readonly path: string;
  readonly bytes: Buffer;
  /** Where in the file the bytes start. */
  readonly offset: number;
}

export interface PlaceOptions {
  readonly roots: readonly string[];
  /** Whole folders or files to leave out, for example an image store. */
  readonly exclude?: readonly string[];
}

const PIECE_BYTES = 1 << 28;
/** Pieces of a large file overlap by more than any encoded key or member is expected to be long. */
const OVERLAP_BYTES = 1 << 24;

/** Every regular file below the roots, as raw bytes; symbolic links are not followed, empty files left out. */
export function* readPlaces(options: PlaceOptions): Generator<Place> {
  for (const root of options.roots) yield* readTree(root, new Set(options.exclude ?? []));
}

function* readTree(path: string, exclude: ReadonlySet<string>): Generator<Place> {
  if (exclude.has(path)) return;
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts?.isFile()) yield* readPieces(path);
  if (!facts?.isDirectory()) return;
  for (const name of readdirSync(path).sort()) yield* readTree(join(path, name), exclude);
}

function* readPieces(path: string): Generator<Place> {
  const handle = openSync(path, 'r');
  try {
    const { size } = fstatSync(handle);
    for (let offset = 0; offset < size; offset += PIECE_BYTES - OVERLAP_BYTES) {
      const bytes = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - offset));
      const length = readSync(handle, bytes, 0, bytes.length, offset);
      yield { path, bytes: bytes.subarray(0, length), offset };
      if (offset + PIECE_BYTES >= size) return;
    }
  } finally {
    closeSync(handle);
  }
}
