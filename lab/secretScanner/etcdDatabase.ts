/** A stored version of an etcd key inside the raw bytes of etcd's `db` file. */
export interface EtcdRecord {
  readonly key: string;
  readonly revision: number;
  /** False on a page that bbolt has given up: deleted or compacted, yet still there to be read. */
  readonly kept: boolean;
}

const META_MAGIC = 0xed0cdaed;
const [BRANCH_PAGE, LEAF_PAGE] = [0x01, 0x02];
const BUCKET_ELEMENT = 0x01;
const [PAGE_HEADER, ELEMENT_HEADER, BUCKET_HEADER] = [16, 16, 16];

/**
 * Tells which record of an etcd database (a bbolt file) covers an offset. Every page is looked at, not only those the
 * tree reaches, as removed records stay in free pages until something overwrites them. Undefined: no record is there.
 */
export function findEtcdRecord(db: Buffer, offset: number): EtcdRecord | undefined {
  const pageSize = pageSizeOf(db);
  if (pageSize === undefined) return undefined;
  // A value may run over many pages, so the page of the record lies at or before the one of the offset.
  for (let page = Math.floor(offset / pageSize); page >= 2; page--) {
    const record = recordInPage(db, page * pageSize, offset);
    if (record !== undefined) return { ...record, kept: keptPages(db, pageSize).has(page) };
  }
  return undefined;
}

export const isEtcdDatabase = (bytes: Buffer): boolean => pageSizeOf(bytes) !== undefined;

function pageSizeOf(db: Buffer): number | undefined {
  if (db.length < 0x2000 || db.readUInt32LE(PAGE_HEADER) !== META_MAGIC) return undefined;
  const size = db.readUInt32LE(PAGE_HEADER + 8);
  return size >= 512 && size <= 0x10000 ? size : undefined;
}

/** Elements of a leaf: flags, position (counted from the element), key length, value length. */
function* leafElements(
  db: Buffer,
  page: number,
): Generator<{ flags: number; key: number; value: number; end: number }> {
  if (page + PAGE_HEADER > db.length || db.readUInt16LE(page + 8) !== LEAF_PAGE) return;
  const count = db.readUInt16LE(page + 10);
  for (let i = 0; i < count; i++) {
    const at = page + PAGE_HEADER + i * ELEMENT_HEADER;
    if (at + ELEMENT_HEADER > db.length) return;
    const key = at + db.readUInt32LE(at + 4);
    const value = key + db.readUInt32LE(at + 8);
    yield { flags: db.readUInt32LE(at), key, value, end: value + db.readUInt32LE(at + 12) };
  }
}

function recordInPage(db: Buffer, page: number, offset: number): Omit<EtcdRecord, 'kept'> | undefined {
  for (const element of leafElements(db, page)) {
    if (offset < element.key || element.end <= offset) continue;
    // A small bucket has no page of its own: its only page stands in the element, behind the bucket's header.
    return element.flags === BUCKET_ELEMENT
      ? recordInPage(db, element.value + BUCKET_HEADER, offset)
      : readKeyValue(db.subarray(element.value, element.end));
  }
  return undefined;
}

/** mvccpb.KeyValue: 1 key, 2 create revision, 3 mod revision, 4 version, 5 value, 6 lease; the first five come in order. */
function readKeyValue(bytes: Buffer): Omit<EtcdRecord, 'kept'> | undefined {
  if (bytes[0] !== 0x0a) return undefined;
  const keyLength = readVarint(bytes, 1);
  const keyEnd = keyLength.end + keyLength.value;
  if (keyEnd > bytes.length) return undefined;
  let revision = 0;
  for (let at = keyEnd; bytes[at] === 0x10 || bytes[at] === 0x18; ) {
    const number = readVarint(bytes, at + 1);
    if (bytes[at] === 0x18) revision = number.value;
    at = number.end;
  }
  return { key: bytes.toString('utf8', keyLength.end, keyEnd), revision };
}

function readVarint(bytes: Buffer, from: number): { value: number; end: number } {
  let value = 0;
  let at = from;
  for (let scale = 1; at < bytes.length; scale *= 128) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  return { value, end: at };
}

const keptCache = new WeakMap<Buffer, Set<number>>();

/** Numbers of the pages that the newest root reaches. */
function keptPages(db: Buffer, pageSize: number): Set<number> {
  const known = keptCache.get(db);
  if (known !== undefined) return known;
  const kept = new Set<number>();
  walk(db, pageSize, newestRoot(db, pageSize), kept);
  keptCache.set(db, kept);
  return kept;
}

/** Two meta pages take turns: the one with the higher transaction id holds. */
function newestRoot(db: Buffer, pageSize: number): number {
  const transaction = (meta: number): number => pageNumberAt(db, meta * pageSize + PAGE_HEADER + 48);
  const meta = transaction(1) > transaction(0) ? 1 : 0;
  return pageNumberAt(db, meta * pageSize + PAGE_HEADER + 16);
}

function walk(db: Buffer, pageSize: number, page: number, seen: Set<number>): void {
  const start = page * pageSize;
  if (seen.has(page) || start + PAGE_HEADER > db.length) return;
  seen.add(page);
  if (db.readUInt16LE(start + 8) === BRANCH_PAGE) {
    for (let i = 0; i < db.readUInt16LE(start + 10); i++) {
      walk(db, pageSize, pageNumberAt(db, start + PAGE_HEADER + i * ELEMENT_HEADER + 8), seen);
    }
  }
  for (const element of leafElements(db, start)) {
    if (element.flags === BUCKET_ELEMENT) walk(db, pageSize, pageNumberAt(db, element.value), seen);
  }
}

/** A torn file may point anywhere; a page number beyond the end leads nowhere. */
const pageNumberAt = (db: Buffer, at: number): number =>
  at + 8 <= db.length ? Number(db.readBigUInt64LE(at)) : Number.MAX_SAFE_INTEGER;
