import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const COST = 10;

export interface HashingTask {
  readonly password: string;
  /** 16 octets. */
  readonly salt: Uint8Array;
  readonly cost: number;
}

/** Name of the single executable's asset with the thread's program. */
export const HASHER_ASSET = 'bcryptWorker.cjs';

/**
 * The bcrypt text of a password, made on a thread of its own: it takes a tenth of a second, as it should, and the
 * program has other things to do meanwhile.
 */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const worker = startWorker({ password, salt, cost: COST });
  const [hash] = (await once(worker, 'message')) as [string];
  return hash;
}

function startWorker(workerData: HashingTask): Worker {
  const sea = process.getBuiltinModule('node:sea');
  return sea.isSea()
    ? new Worker(sea.getAsset(HASHER_ASSET, 'utf8'), { eval: true, workerData })
    : new Worker(join(import.meta.dirname, 'bcryptWorker.ts'), { workerData });
}
