import * as z from 'zod';
import { type Parsed, type Problem, problem } from '#base/report.ts';
import { decodeText, mapping, optional, text } from './shape.ts';

/**
 * Label of a seed image with a {@link SeedInventory}. Only this program writes and reads it, and every reader of seed
 * images passes over labels that it does not know; being in the image's configuration, it can be asked for before the
 * image is pulled, and the image's digest covers it.
 */
export const SEED_INVENTORY_LABEL = 'io.sower.seed.inventory';

const VERSION = 1;

/** A member of the image's root as it was when the image was made. */
export interface SeedMember {
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  /** 64 hex digits. */
  readonly sha256: string;
  /** Bytes of an archive when it is decompressed. */
  readonly unpackedBytes?: number;
}

export interface SeedInventory {
  /** In the order of the image's layer. */
  readonly members: readonly SeedMember[];
}

const count = z.number({ error: 'expected a number' }).int().nonnegative();

const schema = mapping({
  version: z.literal(VERSION, { error: `expected ${VERSION}` }),
  members: z.array(
    mapping({
      name: text,
      mode: z.string().regex(/^0?[0-7]{3,4}$/, 'expected an octal mode'),
      size: count,
      sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits'),
      unpackedBytes: optional(count),
    }).transform(({ mode, ...member }): SeedMember => ({ ...member, mode: Number.parseInt(mode, 8) })),
    { error: 'expected a list' },
  ),
}).transform(({ members }): SeedInventory => ({ members }));

/** Reads the label; fields of later versions of this program are dropped with a warning. */
export function parseSeedInventory(label: string): Parsed<SeedInventory> {
  return decodeText(label, { schema, unknownKeys: 'warning', rules: duplicateProblems });
}

function duplicateProblems({ members }: SeedInventory): Problem[] {
  const names = members.map(({ name }) => name);
  return names
    .filter((name, index) => names.indexOf(name) !== index)
    .map((name) => problem('members', `${name} is listed twice`));
}

export function renderSeedInventory({ members }: SeedInventory): string {
  const modeOf = (mode: number): string => mode.toString(8).padStart(4, '0');
  const listed = members.map(({ mode, ...member }) => ({ ...member, mode: modeOf(mode) }));
  return JSON.stringify({ version: VERSION, members: listed });
}

/** What was read of a member while it streamed by. */
export type FoundMember = Omit<SeedMember, 'unpackedBytes'>;

/** In what the members that were found differ from the inventory, as problems whose paths are the members' names. */
export function findInventoryProblems(inventory: SeedInventory, found: readonly FoundMember[]): Problem[] {
  const byName = new Map(found.map((member) => [member.name, member]));
  const listed = new Set(inventory.members.map(({ name }) => name));
  return [
    ...inventory.members.flatMap((wanted) => {
      const member = byName.get(wanted.name);
      return member === undefined
        ? [problem(wanted.name, 'is in the inventory and not in the image')]
        : memberProblems(wanted, member);
    }),
    ...found
      .filter(({ name }) => !listed.has(name))
      .map(({ name }) => problem(name, 'is in the image and not in its inventory')),
  ];
}

/** The same for one member, for a reader that passes members on before it has seen all of them. */
export function memberProblems(wanted: SeedMember, found: FoundMember): Problem[] {
  const octal = (mode: number): string => `0${mode.toString(8)}`;
  return [
    ...(found.size === wanted.size
      ? []
      : [problem(wanted.name, `has ${found.size} bytes instead of ${wanted.size}`)]),
    ...(found.sha256 === wanted.sha256
      ? []
      : [problem(wanted.name, `has the digest ${found.sha256} instead of ${wanted.sha256}`)]),
    ...(found.mode === wanted.mode
      ? []
      : [problem(wanted.name, `has the mode ${octal(found.mode)} instead of ${octal(wanted.mode)}`)]),
  ];
}

/** Bytes that the archives have when they are decompressed; undefined unless every archive says so. */
export function unpackedBytesOf({ members }: SeedInventory, archives: readonly string[]): number | undefined {
  const sizes = archives.map((name) => members.find((member) => member.name === name)?.unpackedBytes);
  return sizes.reduce<number | undefined>(
    (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
}
