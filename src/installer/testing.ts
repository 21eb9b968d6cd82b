import type { LogRecord } from '#base/logger.ts';
import { dataFilesOf } from '#system/dataFiles.ts';
import type { GenerateContext } from './asset.ts';
import { PasswordSource } from './passwords.ts';

const zeros = (octets: number): Buffer => Buffer.alloc(octets);

/** For assets that need no key and no data files: nothing in it is random, and what is logged is kept. */
export const plainContext = (log: LogRecord[]): GenerateContext => ({
  now: new Date(0),
  random: zeros,
  keys: { next: () => Promise.reject(new Error('no key is needed')) },
  passwords: new PasswordSource(zeros, async () => 'a hash'),
  data: dataFilesOf({}),
  logger: { log: (record) => log.push(record) },
  env: {},
  unknownKeys: 'error',
});
