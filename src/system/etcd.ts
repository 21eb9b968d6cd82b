import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import { ownBytes } from '#base/ownBytes.ts';
import {
  compactionRequest,
  type EtcdCondition,
  type EtcdKeyValue,
  type EtcdMember,
  type EtcdOperation,
  type EtcdStatus,
  memberUpdateRequest,
  parseMembers,
  parseRangeResponse,
  parseStatus,
  parseTransactionResponse,
  rangeRequest,
  transactionRequest,
} from './etcdMessages.ts';
import { GrpcChannel, GrpcError, type GrpcOptions } from './grpc.ts';

export type { EtcdCondition, EtcdKeyValue, EtcdMember, EtcdOperation, EtcdStatus } from './etcdMessages.ts';

/** What recert needs of etcd; tests have one in memory. */
export interface Etcd {
  /**
   * All keys that start with `prefix`, as they were at one revision. It reads page by page, and holds in memory only
   * what `keep` says yes to.
   */
  readAll(prefix: string, keep?: (entry: EtcdKeyValue) => boolean): Promise<EtcdSnapshot>;
  /** Applies all operations or none; false if a condition does not hold. */
  transact(conditions: readonly EtcdCondition[], operations: readonly EtcdOperation[]): Promise<boolean>;
  /** Removes history up to the revision, and waits until it is gone from the backend. */
  compact(revision: number): Promise<void>;
  defragment(): Promise<void>;
  status(): Promise<EtcdStatus>;
  members(): Promise<EtcdMember[]>;
  updateMember(id: bigint, peerUrls: readonly string[]): Promise<void>;
  close(): void;
}

export interface EtcdSnapshot {
  readonly revision: number;
  readonly entries: readonly EtcdKeyValue[];
  /** How many keys there are, kept or not. */
  readonly count: number;
}

/** Stay below a server's defaults: 128 operations and 1.5 MiB for a transaction. */
export const TRANSACTION_OPERATIONS = 120;
export const TRANSACTION_BYTES = 1 << 20;

const PAGE = 400;
const RESOURCE_EXHAUSTED = 8;
const OUT_OF_RANGE = 11;
const RETRY_PAUSES_MS = [50, 100, 200, 400, 800, 1600, 3200];

/** A client of one etcd member. `endpoint` is a URL or `host:port` (plain HTTP). */
export function connectEtcd(endpoint: string, options: GrpcOptions = {}): Etcd {
  const origin = originOf(endpoint);
  const channel = new GrpcChannel(origin, options);
  const call = (method: string, message: Buffer) => callEtcd(channel, `/etcdserverpb.${method}`, message);
  return {
    readAll: (prefix, keep) => readAll((message) => call('KV/Range', message), prefix, keep),
    transact: async (conditions, operations) =>
      parseTransactionResponse(await call('KV/Txn', transactionRequest(conditions, operations))).succeeded,
    compact: async (revision) => {
      try {
        await call('KV/Compact', compactionRequest(revision));
      } catch (error) {
        // "required revision has been compacted": somebody was faster, which is just as well.
        if (!(error instanceof Failure) || error.facts['grpcStatus'] !== OUT_OF_RANGE) throw error;
      }
    },
    defragment: async () => void (await call('Maintenance/Defragment', Buffer.alloc(0))),
    status: async () => parseStatus(await call('Maintenance/Status', Buffer.alloc(0))),
    members: async () => parseMembers(await call('Cluster/MemberList', Buffer.alloc(0))),
    updateMember: async (id, peerUrls) =>
      void (await call('Cluster/MemberUpdate', memberUpdateRequest(id, peerUrls))),
    close: () => channel.close(),
  };
}

/** `localhost:2379` -> `http://localhost:2379`; URLs lose their path. */
function originOf(endpoint: string): string {
  const url = URL.parse(endpoint.includes('://') ? endpoint : `http://${endpoint}`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Failure({
      code: 'system/etcd-endpoint',
      message: `etcd endpoint "${endpoint}" is neither host:port nor an http(s) URL`,
      hint: 'write for example localhost:2379',
    });
  }
  return url.origin;
}

async function readAll(
  range: (message: Buffer) => Promise<Buffer>,
  prefix: string,
  keep: (entry: EtcdKeyValue) => boolean = () => true,
): Promise<EtcdSnapshot> {
  const end = prefixEnd(Buffer.from(prefix));
  const pageAt = async (from: Buffer, revision: number) =>
    parseRangeResponse(await range(rangeRequest({ from, end, limit: PAGE, revision })));
  const entries: EtcdKeyValue[] = [];
  let count = 0;
  let page = await pageAt(Buffer.from(prefix), 0);
  const { revision } = page;
  for (;;) {
    const last = page.entries.at(-1);
    // The server makes the next page ready while this one is looked at.
    const next =
      page.more && last !== undefined
        ? pageAt(Buffer.concat([Buffer.from(last.key), Buffer.alloc(1)]), revision)
        : undefined;
    next?.catch(() => {}); // heard of below, unless looking at this page fails first
    const kept = page.entries.filter(keep);
    const isWhole = kept.length === page.entries.length;
    // A value is a part of its page's bytes, all of which it would hold.
    entries.push(...(isWhole ? kept : kept.map((entry) => ({ ...entry, value: ownBytes(entry.value) }))));
    count += page.entries.length;
    if (next === undefined) return { revision, entries, count };
    page = await next;
  }
}

/** The first key after all keys with the prefix; etcd takes a single zero byte as "to the end". */
function prefixEnd(prefix: Buffer): Buffer {
  for (let length = prefix.length; length > 0; length--) {
    const byte = prefix[length - 1]!;
    if (byte < 0xff) return Buffer.concat([prefix.subarray(0, length - 1), Buffer.from([byte + 1])]);
  }
  return Buffer.alloc(1);
}

async function callEtcd(channel: GrpcChannel, method: string, message: Buffer): Promise<Buffer> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await channel.call(method, message);
    } catch (error) {
      if (!(error instanceof GrpcError)) throw error;
      const pause = RETRY_PAUSES_MS[attempt];
      // "too many requests" comes when etcd lags behind in applying; it passes.
      if (error.status === RESOURCE_EXHAUSTED && /too many requests/.test(error.message) && pause) {
        await sleep(pause);
        continue;
      }
      throw new Failure({
        code: 'system/etcd-refused',
        message: `etcd refused ${method}: ${error.message}`,
        facts: { grpcStatus: error.status },
        cause: error,
      });
    }
  }
}
