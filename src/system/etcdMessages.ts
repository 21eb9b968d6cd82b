import { lengthDelimited, payloadOf, payloadsOf, readFields, varint } from '#formats/protobufWire.ts';

/** One key of etcd. */
export interface EtcdKeyValue {
  readonly key: string;
  readonly value: Buffer;
  readonly modRevision: number;
  /** Lease that the key dies with; 0n for none. */
  readonly lease: bigint;
}

export interface EtcdMember {
  readonly id: bigint;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}

export type EtcdOperation =
  | { readonly put: string; readonly value: Uint8Array; readonly lease?: bigint }
  | { readonly delete: string };

/** The transaction applies only if the key still has this revision; 0 = the key does not exist. */
export interface EtcdCondition {
  readonly key: string;
  readonly modRevision: number;
}

export interface EtcdRange {
  readonly revision: number;
  readonly entries: EtcdKeyValue[];
  readonly more: boolean;
}

// Field numbers of etcd's rpc.proto and kv.proto (API version 3).

export function rangeRequest(range: {
  readonly from: Buffer;
  readonly end: Buffer;
  readonly limit: number;
  readonly revision: number;
}): Buffer {
  return Buffer.concat([
    lengthDelimited(1, range.from),
    lengthDelimited(2, range.end),
    integer(3, range.limit),
    integer(4, range.revision),
  ]);
}

export function parseRangeResponse(bytes: Buffer): EtcdRange {
  return {
    revision: headerRevision(bytes),
    entries: payloadsOf(bytes, 2).map((entry) => ({
      key: (payloadOf(entry, 1) ?? Buffer.alloc(0)).toString('utf8'),
      value: payloadOf(entry, 5) ?? Buffer.alloc(0),
      modRevision: Number(integerOf(entry, 3)),
      lease: integerOf(entry, 6),
    })),
    more: integerOf(bytes, 3) !== 0n,
  };
}

export function transactionRequest(
  conditions: readonly EtcdCondition[],
  operations: readonly EtcdOperation[],
): Buffer {
  const MOD_REVISION = 2;
  return Buffer.concat([
    ...conditions.map(({ key, modRevision }) =>
      lengthDelimited(
        1,
        // The revision is a oneof: it has to be there even when it is 0.
        Buffer.concat([
          integer(2, MOD_REVISION),
          lengthDelimited(3, Buffer.from(key)),
          varint(6 * 8),
          varint(modRevision),
        ]),
      ),
    ),
    ...operations.map((operation) => lengthDelimited(2, operationRequest(operation))),
  ]);
}

function operationRequest(operation: EtcdOperation): Buffer {
  if ('delete' in operation) return lengthDelimited(3, lengthDelimited(1, Buffer.from(operation.delete)));
  return lengthDelimited(
    2,
    Buffer.concat([
      lengthDelimited(1, Buffer.from(operation.put)),
      lengthDelimited(2, operation.value),
      bigInteger(3, operation.lease ?? 0n),
    ]),
  );
}

export const parseTransactionResponse = (bytes: Buffer): { succeeded: boolean; revision: number } => ({
  succeeded: integerOf(bytes, 2) !== 0n,
  revision: headerRevision(bytes),
});

export const compactionRequest = (revision: number): Buffer =>
  Buffer.concat([integer(1, revision), integer(2, 1)]);

export const parseMembers = (bytes: Buffer): EtcdMember[] =>
  payloadsOf(bytes, 2).map((member) => ({
    id: integerOf(member, 1),
    name: payloadOf(member, 2)?.toString('utf8') ?? '',
    peerUrls: payloadsOf(member, 3).map((url) => url.toString('utf8')),
    clientUrls: payloadsOf(member, 4).map((url) => url.toString('utf8')),
  }));

export const memberUpdateRequest = (id: bigint, peerUrls: readonly string[]): Buffer =>
  Buffer.concat([bigInteger(1, id), ...peerUrls.map((url) => lengthDelimited(2, Buffer.from(url)))]);

export interface EtcdStatus {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly revision: number;
  readonly version: string;
  /** Bytes of the backend file. */
  readonly dbSize: number;
}

export function parseStatus(bytes: Buffer): EtcdStatus {
  const header = payloadOf(bytes, 1) ?? Buffer.alloc(0);
  return {
    clusterId: integerOf(header, 1),
    memberId: integerOf(header, 2),
    revision: Number(integerOf(header, 3)),
    version: payloadOf(bytes, 2)?.toString('utf8') ?? '',
    dbSize: Number(integerOf(bytes, 3)),
  };
}

const headerRevision = (bytes: Buffer): number =>
  Number(integerOf(payloadOf(bytes, 1) ?? Buffer.alloc(0), 3));

/** proto3: a zero is not written. */
const integer = (number: number, value: number): Buffer =>
  value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(number * 8), varint(value)]);

function bigInteger(number: number, value: bigint): Buffer {
  if (value === 0n) return Buffer.alloc(0);
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.concat([varint(number * 8), Buffer.from(bytes)]);
}

/** The last varint of that number, unsigned; 0n where it is absent. */
function integerOf(bytes: Buffer, number: number): bigint {
  const field = readFields(bytes)?.findLast((one) => one.number === number && one.wireType === 0);
  let value = 0n;
  for (let at = (field?.to ?? 0) - 1; at >= (field?.from ?? 0); at--)
    value = (value << 7n) | BigInt(bytes[at]! & 0x7f);
  return value;
}
