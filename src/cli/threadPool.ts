import { availableParallelism } from 'node:os';

const NODE_DEFAULT = 4;

/**
 * RSA keys are generated on libuv's thread pool, which has four threads whatever the machine has. libuv reads the
 * variable when the pool is first used, so this must run before anything asynchronous does.
 */
export function sizeThreadPool(env: NodeJS.ProcessEnv): void {
  env['UV_THREADPOOL_SIZE'] ??= String(Math.max(NODE_DEFAULT, availableParallelism()));
}
