// Runs each chunk's `--help` once and records the code cache afterwards, so that it holds the functions that start-up needs.
// A separate process: the chunks set exit codes and write to stdout.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

const [folder, ...chunks] = process.argv.slice(2);
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;
process.stderr.write = () => true;
for (const chunk of chunks) {
  const script = new Script(readFileSync(join(folder, `${chunk}.cjs`), 'utf8'), { filename: `${chunk}.cjs` });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(process.execPath), module);
  await module.exports.start(['--help']);
  writeFileSync(join(folder, `${chunk}.cache`), script.createCachedData());
}
process.exitCode = 0;
process.stdout.write = write;
