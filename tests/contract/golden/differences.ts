import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';

/** Every value of a cluster by its place: an etcd key with a JSON pointer after a colon, or a file's path. */
export type Places = ReadonlyMap<string, string>;

/** A deliberate difference; exactly one of `edits`, `equal` and `random` says how far it may go. */
export interface Difference {
  /** `*` stands for any text. */
  readonly at: string;
  /** Replacing the first text of each pair by the second gives our value. */
  readonly edits?: readonly (readonly [theirs: string, ours: string])[];
  /** As YAML or JSON the two say the same. */
  readonly equal?: 'parsed';
  /** A hash over keys and certificates, different in every run. */
  readonly random?: true;
  readonly reason: string;
}

/** What is wrong: differences that no row explains, and rows that explain nothing. */
export function findComplaints(theirs: Places, ours: Places, rows: readonly Difference[]): string[] {
  const complaints: string[] = [];
  const used = new Set<Difference>();
  for (const place of [...new Set([...theirs.keys(), ...ours.keys()])].sort()) {
    const [their, our] = [theirs.get(place), ours.get(place)];
    if (their === our) continue;
    const row = rows.find(({ at }) => patternOf(at).test(place));
    if (row !== undefined) used.add(row);
    if (row === undefined || their === undefined || our === undefined || !explains(row, their, our))
      complaints.push(`${place}\n  original: ${JSON.stringify(their)}\n  ours:     ${JSON.stringify(our)}`);
  }
  const unused = rows.filter((row) => !used.has(row)).map(({ at }) => `no difference at ${at}`);
  return [...complaints, ...unused];
}

function explains({ edits, equal, random }: Difference, theirs: string, ours: string): boolean {
  if (random) return theirs.length === ours.length;
  if (equal === 'parsed') return isDeepStrictEqual(parse(theirs), parse(ours));
  return (edits ?? []).reduce((text, [from, to]) => text.replaceAll(from, to), theirs) === ours;
}

const patternOf = (at: string): RegExp => new RegExp(`^${at.split('*').map(literal).join('.*')}$`, 's');

const literal = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
