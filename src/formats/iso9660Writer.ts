import { Failure } from '#base/failure.ts';
import { FIRST_DESCRIPTOR, type IsoPlan, SECTOR, STANDARD_ID } from './iso9660.ts';
import {
  bothEndian16,
  bothEndian32,
  continuationEntry,
  extensionEntry,
  LONGEST_RECORD,
  longTime,
  nameEntries,
  posixEntry,
  type RecordFacts,
  recordLength,
  renderRecord,
  sharingEntry,
  timesEntry,
} from './iso9660Records.ts';
import { type IsoNode, planIsoTree } from './iso9660Tree.ts';

const LONGEST_VOLUME_ID = 32;

/** A node with the place that the layout gave it. */
interface Placed {
  readonly node: IsoNode;
  readonly parent: Placed | undefined;
  readonly children: Placed[];
  /** Names that do not fit into a record, and their place in the continuation area. */
  readonly overflow: { readonly bytes: Buffer; block: number; offset: number } | undefined;
  extent: number;
  size: number;
}

/**
 * Renders an ISO 9660 image with Rock Ridge names and modes: no boot record, no Joliet, files and directories owned
 * by root (the config volume of the image-based installation, spec/additions 5). The same plan gives the same bytes.
 *
 * @throws Failure formats/iso-plan for a plan that no image can hold
 */
export function renderIso(plan: IsoPlan): Buffer {
  if (!/^[\x20-\x7e]+$/.test(plan.volumeId) || plan.volumeId.length > LONGEST_VOLUME_ID) {
    throw new Failure({
      code: 'formats/iso-plan',
      message: `volume id "${plan.volumeId}" must be 1 to ${LONGEST_VOLUME_ID} ASCII characters`,
    });
  }
  const root = place(planIsoTree(plan), undefined);
  const directories = levelOrder(root);
  const layout = planLayout(directories);
  const image = Buffer.alloc(layout.sectors * SECTOR);
  renderPrimaryDescriptor(plan, root, layout).copy(image, FIRST_DESCRIPTOR);
  renderTerminator().copy(image, FIRST_DESCRIPTOR + SECTOR);
  renderPathTable(directories, 'little').copy(image, layout.littlePathTable * SECTOR);
  renderPathTable(directories, 'big').copy(image, layout.bigPathTable * SECTOR);
  for (const directory of directories) {
    renderDirectory(directory, plan.created).copy(image, directory.extent * SECTOR);
    for (const child of directory.children) {
      child.overflow?.bytes.copy(image, child.overflow.block * SECTOR + child.overflow.offset);
      if (child.node.content !== undefined) image.set(child.node.content, child.extent * SECTOR);
    }
  }
  return image;
}

function place(node: IsoNode, parent: Placed | undefined): Placed {
  const names = Buffer.concat(nameEntries(node.name));
  const fixed = posixEntry('file', 0, 1).length + timesEntry(new Date(0)).length;
  const fits = recordLength(node.identifier.length, fixed + names.length) <= LONGEST_RECORD;
  const placed: Placed = {
    node,
    parent,
    children: [],
    overflow: fits ? undefined : { bytes: names, block: 0, offset: 0 },
    extent: 0,
    size: node.content?.length ?? 0,
  };
  placed.children.push(...node.children.map((child) => place(child, placed)));
  return placed;
}

/** Directories level by level, parents in order: the order that path tables need. */
function levelOrder(root: Placed): Placed[] {
  const found = [root];
  for (const directory of found)
    found.push(...directory.children.filter((c) => c.node.content === undefined));
  return found;
}

interface Layout {
  readonly littlePathTable: number;
  readonly bigPathTable: number;
  readonly pathTableSize: number;
  readonly sectors: number;
}

/** Gives every directory, continuation and file its place: descriptors, path tables, directories, continuations, files. */
function planLayout(directories: readonly Placed[]): Layout {
  const pathTableSize = renderPathTable(directories, 'little').length;
  const littlePathTable = FIRST_DESCRIPTOR / SECTOR + 2;
  const bigPathTable = littlePathTable + sectorsOf(pathTableSize);
  let next = bigPathTable + sectorsOf(pathTableSize);
  for (const directory of directories) {
    directory.size = directorySize(directory);
    directory.extent = next;
    next += sectorsOf(directory.size);
  }
  const children = directories.flatMap((directory) => directory.children);
  next = placeContinuations(children, next);
  for (const file of children.filter((child) => child.node.content !== undefined)) {
    file.extent = next;
    next += sectorsOf(file.size);
  }
  return { littlePathTable, bigPathTable, pathTableSize, sectors: next };
}

/** A continuation must not cross a sector's end. */
function placeContinuations(children: readonly Placed[], first: number): number {
  let block = first;
  let offset = 0;
  for (const { overflow } of children) {
    if (overflow === undefined) continue;
    if (offset + overflow.bytes.length > SECTOR) {
      block++;
      offset = 0;
    }
    overflow.block = block;
    overflow.offset = offset;
    offset += overflow.bytes.length;
  }
  return offset === 0 ? block : block + 1;
}

const sectorsOf = (bytes: number): number => Math.ceil(bytes / SECTOR);

function recordsOf(directory: Placed, time: Date): Buffer[] {
  const own = ownRecord(directory, Buffer.from([0]), time, directory.parent === undefined);
  const parent = ownRecord(directory.parent ?? directory, Buffer.from([1]), time, false);
  return [own, parent, ...directory.children.map((child) => childRecord(child, time))];
}

function ownRecord(directory: Placed, identifier: Buffer, time: Date, isRoot: boolean): Buffer {
  const entries = [posixEntry('directory', directory.node.mode, linksOf(directory)), timesEntry(time)];
  return renderRecord({
    ...factsOf(directory, time),
    identifier,
    systemUse: Buffer.concat(isRoot ? [sharingEntry(), ...entries, extensionEntry()] : entries),
  });
}

function childRecord(child: Placed, time: Date): Buffer {
  const kind = child.node.content === undefined ? 'directory' : 'file';
  const { overflow } = child;
  const names =
    overflow === undefined
      ? nameEntries(child.node.name)
      : [continuationEntry(overflow.block, overflow.offset, overflow.bytes.length)];
  return renderRecord({
    ...factsOf(child, time),
    identifier: Buffer.from(child.node.identifier, 'ascii'),
    systemUse: Buffer.concat([posixEntry(kind, child.node.mode, linksOf(child)), timesEntry(time), ...names]),
  });
}

const factsOf = (placed: Placed, time: Date): Omit<RecordFacts, 'identifier' | 'systemUse'> => ({
  isDirectory: placed.node.content === undefined,
  extent: placed.extent,
  size: placed.node.content === undefined ? sectorsOf(placed.size) * SECTOR : placed.size,
  time,
});

/** A directory is linked from its parent, from itself and from each directory in it. */
const linksOf = (placed: Placed): number =>
  placed.node.content === undefined
    ? 2 + placed.children.filter((c) => c.node.content === undefined).length
    : 1;

/** Bytes up to the end of the last record; records do not cross a sector's end. */
function directorySize(directory: Placed): number {
  let size = 0;
  for (const record of recordsOf(directory, new Date(0))) size = startOf(size, record.length) + record.length;
  return size;
}

const startOf = (at: number, length: number): number =>
  (at % SECTOR) + length > SECTOR ? sectorsOf(at) * SECTOR : at;

function renderDirectory(directory: Placed, time: Date): Buffer {
  const bytes = Buffer.alloc(sectorsOf(directory.size) * SECTOR);
  let at = 0;
  for (const record of recordsOf(directory, time)) {
    at = startOf(at, record.length);
    record.copy(bytes, at);
    at += record.length;
  }
  return bytes;
}

function renderPathTable(directories: readonly Placed[], order: 'little' | 'big'): Buffer {
  const numbers = new Map(directories.map((directory, i) => [directory, i + 1]));
  const records = directories.map((directory) => {
    const identifier =
      directory.parent === undefined ? Buffer.from([0]) : Buffer.from(directory.node.identifier, 'ascii');
    const record = Buffer.alloc(8 + identifier.length + (identifier.length % 2));
    const parent = numbers.get(directory.parent ?? directory)!;
    record[0] = identifier.length;
    if (order === 'little') {
      record.writeUInt32LE(directory.extent, 2);
      record.writeUInt16LE(parent, 6);
    } else {
      record.writeUInt32BE(directory.extent, 2);
      record.writeUInt16BE(parent, 6);
    }
    identifier.copy(record, 8);
    return record;
  });
  return Buffer.concat(records);
}

function renderPrimaryDescriptor(plan: IsoPlan, root: Placed, layout: Layout): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  bytes[0] = 1;
  bytes.write(STANDARD_ID, 1, 'ascii');
  bytes[6] = 1;
  bytes.write(''.padEnd(32), 8, 'ascii'); // system identifier
  bytes.write(plan.volumeId.padEnd(LONGEST_VOLUME_ID), 40, 'ascii');
  bothEndian32(layout.sectors).copy(bytes, 80);
  bothEndian16(1).copy(bytes, 120); // volume set size
  bothEndian16(1).copy(bytes, 124); // volume sequence number
  bothEndian16(SECTOR).copy(bytes, 128);
  bothEndian32(layout.pathTableSize).copy(bytes, 132);
  bytes.writeUInt32LE(layout.littlePathTable, 140);
  bytes.writeUInt32BE(layout.bigPathTable, 148);
  renderRecord({
    ...factsOf(root, plan.created),
    identifier: Buffer.from([0]),
    systemUse: Buffer.alloc(0),
  }).copy(bytes, 156);
  bytes.write(''.padEnd(128 * 4 + 37 * 3), 190, 'ascii'); // set, publisher, preparer, application, three file identifiers
  const created = longTime(plan.created);
  created.copy(bytes, 813);
  created.copy(bytes, 830);
  const never = Buffer.concat([Buffer.from('0'.repeat(16), 'ascii'), Buffer.from([0])]);
  never.copy(bytes, 847); // expiration
  created.copy(bytes, 864);
  bytes[881] = 1; // file structure version
  return bytes;
}

function renderTerminator(): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  bytes[0] = 255;
  bytes.write(STANDARD_ID, 1, 'ascii');
  bytes[6] = 1;
  return bytes;
}
