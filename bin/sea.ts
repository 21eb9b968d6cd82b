// The entry of the single executable: picks the program's chunk by the name it was called with and runs it with the
// V8 code cache that the build recorded, so that start-up costs little more than Node's own.
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { getAsset, getRawAsset } from 'node:sea';
import { Script } from 'node:vm';
import { sizeThreadPool } from '#cli/threadPool.ts';

sizeThreadPool(process.env);

const CHUNKS: Readonly<Record<string, string>> = {
  'openshift-install': 'openshiftInstall',
  'lca-cli': 'lcaCli',
  recert: 'recert',
  'image-based-install-operator': 'imageBasedInstallOperator',
  sower: 'sower',
};

interface Chunk {
  start(argv: readonly string[]): Promise<number>;
}

const called = basename(process.argv0);
const args = process.argv.slice(2);
const byLink = called !== 'sower' && Object.hasOwn(CHUNKS, called);
const bySubcommand = !byLink && Object.hasOwn(CHUNKS, args[0] ?? '');
const program = byLink ? called : bySubcommand ? args[0]! : 'sower';

loadChunk(CHUNKS[program]!)
  .start(bySubcommand ? args.slice(1) : args)
  .then((code) => {
    process.exitCode = code;
  });

function loadChunk(name: string): Chunk {
  const script = new Script(getAsset(`${name}.cjs`, 'utf8'), {
    filename: `${name}.cjs`,
    cachedData: Buffer.from(getRawAsset(`${name}.cache`)),
  });
  const module = { exports: {} as Chunk };
  script.runInThisContext()(module.exports, createRequire(process.execPath), module);
  return module.exports;
}
