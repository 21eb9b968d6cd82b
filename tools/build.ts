import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { dataAssetName, readTexts } from '#system/dataFiles.ts';
import { HASHER_ASSET } from '#system/passwordHasher.ts';

/**
 * Builds `dist/sower`, the single executable, and the links by which it is called. One chunk per program, each with
 * a warm V8 code cache (spec/stack-measurements 19): functions compiled while the chunk starts are in the cache too.
 */
const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const WORK = join(DIST, '.build');
const LINKS = ['openshift-install', 'lca-cli', 'recert', 'image-based-install-operator'];
const CHUNKS: Readonly<Record<string, string>> = {
  openshiftInstall: 'openshiftInstallMain',
  lcaCli: 'lcaCliMain',
  recert: 'recertMain',
  imageBasedInstallOperator: 'operatorMain',
  sower: 'sowerMain',
};
/** Folders of `src` whose files the programs read when they run. */
const DATA_FOLDERS = ['installer/data'];
/** Empty where the source is no checkout. */
const COMMIT = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).stdout?.trim() ?? '';
const SEA_FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

rmSync(WORK, { recursive: true, force: true });
mkdirSync(WORK, { recursive: true });
await bundleStub();
for (const [chunk, main] of Object.entries(CHUNKS)) await bundleChunk(chunk, main);
await bundleHasher();
run(process.execPath, [join(import.meta.dirname, 'codeCache.mjs'), WORK, ...Object.keys(CHUNKS)]);
makeExecutable();
for (const link of LINKS) {
  rmSync(join(DIST, link), { force: true });
  symlinkSync('sower', join(DIST, link));
}
rmSync(WORK, { recursive: true, force: true });

async function bundleStub(): Promise<void> {
  await build({ ...options(), entryPoints: [join(ROOT, 'bin', 'sea.ts')], outfile: join(WORK, 'stub.cjs') });
}

async function bundleChunk(chunk: string, main: string): Promise<void> {
  const entry =
    `import { ${main} } from './src/cli/${chunk}.ts';\n` +
    `import { processIo } from './src/cli/processIo.ts';\n` +
    `export const start = (argv) => ${main}(argv, processIo());\n`;
  const outfile = join(WORK, `${chunk}.cjs`);
  await build({ ...options(), stdin: { contents: entry, resolveDir: ROOT, loader: 'ts' }, outfile });
  const code = readFileSync(outfile, 'utf8');
  writeFileSync(outfile, `(function (exports, require, module) {${code}\n})`);
}

async function bundleHasher(): Promise<void> {
  const entry = join(ROOT, 'src', 'system', 'bcryptWorker.ts');
  await build({ ...options(), entryPoints: [entry], outfile: join(WORK, HASHER_ASSET) });
}

function options() {
  return {
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minifySyntax: true,
    legalComments: 'none',
    // A script that vm runs can't import() lazily; require() of Node's own modules is as lazy.
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
    // import.meta.url is only read to find files of a source checkout, which an executable does not have.
    define: {
      'import.meta.url': '"file:///sea"',
      'import.meta.dirname': '""',
      SOWER_COMMIT: JSON.stringify(COMMIT),
    },
  } as const;
}

function makeExecutable(): void {
  const assets: Record<string, string> = {};
  for (const chunk of Object.keys(CHUNKS)) {
    assets[`${chunk}.cjs`] = join(WORK, `${chunk}.cjs`);
    assets[`${chunk}.cache`] = join(WORK, `${chunk}.cache`);
  }
  assets[HASHER_ASSET] = join(WORK, HASHER_ASSET);
  for (const [i, folder] of DATA_FOLDERS.entries()) {
    const file = join(WORK, `data-${i}.json`);
    writeFileSync(file, JSON.stringify(readTexts(join(ROOT, 'src', folder))));
    assets[dataAssetName(folder)] = file;
  }
  const config = join(WORK, 'sea.json');
  const blob = join(WORK, 'sea.blob');
  const executable = join(WORK, 'sower');
  writeFileSync(
    config,
    JSON.stringify({
      main: join(WORK, 'stub.cjs'),
      output: blob,
      disableExperimentalSEAWarning: true,
      assets,
    }),
  );
  run(process.execPath, ['--experimental-sea-config', config]);
  copyFileSync(process.execPath, executable);
  chmodSync(executable, 0o755);
  run('strip', [executable]); // before the blob goes in: strip would drop it
  run(join(ROOT, 'node_modules', '.bin', 'postject'), [
    executable,
    'NODE_SEA_BLOB',
    blob,
    '--sentinel-fuse',
    SEA_FUSE,
  ]);
  renameSync(executable, join(DIST, 'sower'));
}

function run(program: string, args: readonly string[]): void {
  const result = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' });
  if (result.status !== 0) {
    process.stderr.write(
      `${program} ${args.join(' ')} failed\n${result.stdout}${result.stderr}${result.error ?? ''}\n`,
    );
    process.exit(1);
  }
}
