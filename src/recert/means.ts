import type { RecertConfig } from '#api/recertConfig.ts';
import type { Logger } from '#base/logger.ts';
import { info, warn } from '#base/logger.ts';
import type { KeySource } from '#pki/keySource.ts';
import type { KeySpec } from '#pki/keys.ts';
import type { Etcd } from '#system/etcd.ts';
import type { Host } from '#system/host.ts';

/** An etcd for the time of a run. */
export interface EtcdAccess {
  readonly etcd: Etcd;
  /** Ends the connection, and the program where it was started for the run; may be called again. */
  close(): Promise<void>;
  /**
   * Makes the data directory anew of the live keys only, after `close`; the answer is its path. Absent where somebody
   * else runs the etcd.
   */
  rebuild?(member: { readonly name: string; readonly peerUrl: string }): Promise<string>;
}

/** Everything that a run needs of the outside. */
export interface RecertMeans {
  readonly host: Host;
  /** Undefined where the configuration names no etcd: then only files are worked on. */
  connect(config: RecertConfig): Promise<EtcdAccess | undefined>;
  readonly keys: KeySource & {
    makeAhead(spec: KeySpec, count: number): void;
    stopMakingAhead(): void;
  };
  now(): Date;
  /** Monotonic seconds. */
  clock(): number;
  /** Cryptographically random bytes. */
  random(length: number): Buffer;
  readonly logger: Logger;
  /** All lines logged so far, for the summary. */
  logLines(): readonly string[];
}

export type Stage = 'config' | 'scan' | 'relate' | 'regenerate' | 'rules' | 'commit' | 'prove' | 'summary';

/** Logged lines name the stage where the original names a source file. */
export const say = (means: RecertMeans, stage: Stage, message: string): void =>
  info(means.logger, message, { stage });
export const sayWarning = (means: RecertMeans, stage: Stage, message: string): void =>
  warn(means.logger, message, { stage });
