import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findEtcdRecord, isEtcdDatabase } from './etcdDatabase.ts';

const PAGE = 4096;

const keyValue = (key: string, revision: number, value: string): Buffer =>
  Buffer.concat([
    ...[Buffer.from([0x0a, key.length]), Buffer.from(key), Buffer.from([0x10, revision, 0x18, revision])],
    ...[Buffer.from([0x20, 1, 0x2a, value.length]), Buffer.from(value)],
  ]);

/** A leaf page with one element; flags 1 make it a bucket. */
function leaf(key: Buffer, value: Buffer, flags = 0): Buffer {
  const page = Buffer.alloc(PAGE);
  page.writeUInt16LE(2, 8);
  page.writeUInt16LE(1, 10);
  page.writeUInt32LE(flags, 16);
  page.writeUInt32LE(16, 20);
  page.writeUInt32LE(key.length, 24);
  page.writeUInt32LE(value.length, 28);
  Buffer.concat([key, value]).copy(page, 32);
  return page;
}

function meta(transaction: bigint, root: bigint): Buffer {
  const page = Buffer.alloc(PAGE);
  page.writeUInt16LE(4, 8);
  page.writeUInt32LE(0xed0cdaed, 16);
  page.writeUInt32LE(PAGE, 24);
  page.writeBigUInt64LE(root, 32);
  page.writeBigUInt64LE(transaction, 64);
  return page;
}

const pointerTo = (page: number): Buffer => {
  const header = Buffer.alloc(16);
  header.writeBigUInt64LE(BigInt(page));
  return header;
};

/** Pages: two metas, the root with the bucket, the bucket's page, and a page that was given up. */
const database = Buffer.concat([
  meta(7n, 2n),
  meta(6n, 4n),
  leaf(Buffer.from('key'), pointerTo(3), 1),
  leaf(Buffer.alloc(17), keyValue('/registry/a', 9, 'kept value')),
  leaf(Buffer.alloc(17), keyValue('/registry/b', 5, 'old value')),
]);

describe('findEtcdRecord', () => {
  it('names key and revision of a record that etcd keeps', () => {
    expect(findEtcdRecord(database, database.indexOf('kept value'))).toEqual({
      key: '/registry/a',
      revision: 9,
      kept: true,
    });
  });

  it('tells a record in a free page', () => {
    expect(findEtcdRecord(database, database.indexOf('old value') + 3)).toEqual({
      key: '/registry/b',
      revision: 5,
      kept: false,
    });
  });

  it('finds nothing between records', () => {
    expect(findEtcdRecord(database, 4 * PAGE - 1)).toBeUndefined();
  });

  it('knows other files', () => {
    expect(isEtcdDatabase(database)).toBe(true);
    expect(isEtcdDatabase(Buffer.alloc(3 * PAGE))).toBe(false);
  });

  it('ends without an error on a torn database', () => {
    const edits = fc.array(fc.tuple(fc.nat(database.length - 1), fc.nat(255)), { maxLength: 60 });
    fc.assert(
      fc.property(edits, fc.nat(database.length), fc.nat(database.length - 1), (changes, length, offset) => {
        const torn = Buffer.from(database);
        for (const [at, byte] of changes) torn[at] = byte;
        findEtcdRecord(torn.subarray(0, length), offset);
      }),
      { numRuns: 500 },
    );
  });
});
