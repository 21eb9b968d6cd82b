import { SEED_MEMBERS } from '#api/seedImage.ts';
import type { Host } from '#system/host.ts';
import { SEED_PATHS } from './context.ts';

/** Size in bytes of each archive before it was compressed, by the member's name. */
export type UnpackedBytes = Readonly<Record<string, number>>;

const DIRECTORY = `${SEED_PATHS.checks}/unpacked-bytes`;

/** Kept in a file: another run than the one that made the archive may build the image. */
export async function keepUnpackedBytes({ files }: Host, member: string, bytes: number): Promise<void> {
  await files.makeDirectory(DIRECTORY, 0o700);
  await files.write(`${DIRECTORY}/${member}`, String(bytes));
}

export async function readUnpackedBytes({ files }: Host): Promise<UnpackedBytes> {
  const known: Record<string, number> = {};
  for (const member of Object.values(SEED_MEMBERS)) {
    const text = await files.readIfExists(`${DIRECTORY}/${member}`);
    if (text !== undefined) known[member] = Number(text.toString('utf8'));
  }
  return known;
}
