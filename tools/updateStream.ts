import { join } from 'node:path';
import { parseStreamMetadata } from '#api/streamMetadata.ts';
import { errorsOf, renderProblem } from '#base/report.ts';
import { localFiles } from '#system/localFiles.ts';

/**
 * Pins a CoreOS release: `node tools/updateStream.ts STREAM_FILE` writes src/installer/stream/rhcos.json, which
 * `coreos print-stream-json` prints. Everything in the file is kept; one without metadata gets its own.
 */
const PIN = join(import.meta.dirname, '..', 'src', 'installer', 'stream', 'rhcos.json');

const [source, pin = PIN] = process.argv.slice(2);
if (source === undefined) {
  process.stderr.write('usage: node tools/updateStream.ts STREAM_FILE [PIN_FILE]\n');
  process.exitCode = 1;
} else process.exitCode = await update(source, pin);

async function update(from: string, to: string): Promise<number> {
  const bytes = await localFiles.readIfExists(from);
  if (bytes === undefined) {
    process.stderr.write(`${from}: there is no such file. The pin was not changed.\n`);
    return 1;
  }
  const text = bytes.toString('utf8');
  const stream = parseStreamMetadata(text);
  if (!stream.ok) {
    const problems = errorsOf(stream.report).map((found) => `${from}: ${renderProblem(found)}\n`);
    process.stderr.write(`${problems.join('')}The pin was not changed.\n`);
    return 1;
  }
  const { stream: name, metadata, ...rest } = JSON.parse(text) as Record<string, unknown>;
  const own = { 'last-modified': `${new Date().toISOString().slice(0, 19)}Z`, generator: 'sower' };
  const pinned = { stream: name, metadata: metadata ?? own, ...rest };
  await localFiles.write(to, `${JSON.stringify(pinned, null, 2)}\n`);
  const architectures = Object.keys(stream.value.architectures).join(', ');
  process.stdout.write(`${stream.value.stream} for ${architectures} is pinned in ${to}\n`);
  return 0;
}
