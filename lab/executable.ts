import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '#system/host.ts';
import { checkoutRoot } from './checkout.ts';

/** What the executable is made from. */
const SOURCES = ['bin', 'src', 'lab', 'tools', 'package-lock.json'];
const NOT_INSIDE = '/lab/scenarios';
const DIGEST_FILE = '.sources';

/** The folder of the built programs; builds them when the sources have changed since. `onBuild` is called first then. */
export async function obtainExecutables(host: Host, onBuild: () => void): Promise<string> {
  const root = checkoutRoot();
  const dist = join(root, 'dist');
  const digest = digestOfSources(root);
  const built = await host.files.readIfExists(join(dist, DIGEST_FILE));
  if (built?.toString('utf8') === digest) return dist;
  onBuild();
  await host.run([process.execPath, join(root, 'tools', 'build.ts')], { cwd: root });
  await host.files.write(join(dist, DIGEST_FILE), digest);
  return dist;
}

function digestOfSources(root: string): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of filesOf(join(root, source)))
      hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesOf(path: string): string[] {
  if (!path.includes('package-lock')) {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
      .filter((entry) => !entry.parentPath.endsWith(NOT_INSIDE))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  }
  return [path];
}
