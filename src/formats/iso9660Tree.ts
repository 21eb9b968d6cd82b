import { Failure } from '#base/failure.ts';
import type { IsoPlan, IsoPlanEntry } from './iso9660.ts';

/** A file or directory with its place in the tree; `identifier` is the plain ISO 9660 name beside the Rock Ridge one. */
export interface IsoNode {
  readonly name: Buffer;
  readonly identifier: string;
  readonly mode: number;
  /** Undefined for a directory. */
  readonly content?: Uint8Array;
  readonly children: readonly IsoNode[];
}

/** ISO 9660 has eight levels of directories. */
const MOST_LEVELS = 8;
const DEFAULT_DIRECTORY_MODE = 0o755;
const LONGEST_NAME = 255;

/** Makes the tree of a plan's flat entries. @throws Failure formats/iso-plan for paths that no image can hold */
export function planIsoTree(plan: IsoPlan): IsoNode {
  const root: Draft = { mode: plan.rootMode, members: new Map() };
  for (const entry of plan.entries) addEntry(root, entry);
  return finish(root, '');
}

interface Draft {
  mode: number;
  readonly content?: Uint8Array;
  readonly members: Map<string, Draft>;
}

function addEntry(root: Draft, entry: IsoPlanEntry): void {
  const names = entry.path.split('/');
  if (names.length > MOST_LEVELS - (entry.content === undefined ? 1 : 0))
    throw unusable(entry.path, 'is too deep');
  let at = root;
  for (const [i, name] of names.entries()) {
    if (name === '' || name === '.' || name === '..' || name.includes('\0'))
      throw unusable(entry.path, 'is no relative path');
    if (Buffer.byteLength(name) > LONGEST_NAME)
      throw unusable(entry.path, `has a name of more than ${LONGEST_NAME} bytes`);
    if (at.content !== undefined) throw unusable(entry.path, 'lies below a file');
    const isLast = i === names.length - 1;
    const existing = at.members.get(name);
    if (isLast && existing !== undefined && (entry.content !== undefined || existing.content !== undefined)) {
      throw unusable(entry.path, 'is given twice');
    }
    const next: Draft = existing ?? {
      mode: isLast ? entry.mode : DEFAULT_DIRECTORY_MODE,
      ...(isLast && entry.content !== undefined && { content: entry.content }),
      members: new Map(),
    };
    if (isLast) next.mode = entry.mode;
    at.members.set(name, next);
    at = next;
  }
}

const unusable = (path: string, why: string): Failure =>
  new Failure({ code: 'formats/iso-plan', message: `${path} can not be written to an ISO image: it ${why}` });

function finish(draft: Draft, name: string, identifier = ''): IsoNode {
  const taken = new Set<string>();
  const children = [...draft.members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([childName, child]) =>
      finish(child, childName, plainIdentifier(childName, child.content !== undefined, taken)),
    )
    .sort((a, b) => (a.identifier < b.identifier ? -1 : 1));
  return {
    name: Buffer.from(name, 'utf8'),
    identifier,
    mode: draft.mode,
    ...(draft.content !== undefined && { content: draft.content }),
    children,
  };
}

/** An 8.3 name in capitals, unique in its directory, for readers without Rock Ridge. */
function plainIdentifier(name: string, isFile: boolean, taken: Set<string>): string {
  const plain = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');
  const dot = isFile ? name.lastIndexOf('.') : -1;
  const stem = plain(dot > 0 ? name.slice(0, dot) : name).slice(0, 8) || '_';
  const extension = dot > 0 ? plain(name.slice(dot + 1)).slice(0, 3) : '';
  for (let serial = 0; ; serial++) {
    const suffix = serial === 0 ? '' : String(serial);
    const base = `${stem.slice(0, 8 - suffix.length)}${suffix}`;
    const identifier = isFile ? `${base}.${extension};1` : base;
    if (taken.has(identifier)) continue;
    taken.add(identifier);
    return identifier;
  }
}
