import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { obtainExecutables } from '#lab/executable.ts';
import { localHost } from '#system/localHost.ts';

/** What the built executable asks of the host that it is copied to, as readelf sees it. */
const GLIBC = ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'ld-linux-x86-64.so.2'];
const COMPILER = ['libstdc++.so.6', 'libgcc_s.so.1'];

/** The newest interfaces that hosts of RHEL 8 have (glibc 2.28, GCC 8): those of any RHCOS are newer. */
const NEWEST = { GLIBC: '2.28', GLIBCXX: '3.4.25', CXXABI: '1.3.11', GCC: '8.0.0' };

let executable: string;

beforeAll(async () => {
  executable = join(await obtainExecutables(localHost, () => {}), 'sower');
});

const readelf = (...argv: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync('readelf', ['--wide', ...argv, executable], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`readelf ended with ${status}: ${stderr}`);
  return stdout;
};

test('it needs the libraries of glibc, libstdc++ and libgcc_s, and nothing else', () => {
  const needed = [...readelf('--dynamic').matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name);
  expect(needed.toSorted()).toEqual([...GLIBC, ...COMPILER].toSorted());
  expect(readelf('--program-headers')).toContain('/lib64/ld-linux-x86-64.so.2');
});

test('it runs with glibc 2.28 and the libraries of GCC 8', () => {
  const versions = [...readelf('--version-info').matchAll(/Name: (GLIBC|GLIBCXX|CXXABI|GCC)_([\d.]+)/g)];
  const families = Object.groupBy(versions, ([, family]) => family!);
  expect(Object.keys(families).toSorted()).toEqual(Object.keys(NEWEST).toSorted());
  for (const [family, newest] of Object.entries(NEWEST)) {
    const tooNew = families[family]!.map(([, , version]) => version!).filter((v) => isNewer(v, newest));
    expect(tooNew, family).toEqual([]);
  }
});

test('it runs in a root that holds nothing but these libraries and itself', async () => {
  const root = mkdtempSync('/var/tmp/sower-executable-');
  try {
    for (const folder of ['lib64', 'dev']) mkdirSync(join(root, folder));
    const { stdout } = spawnSync('ldd', [executable], { encoding: 'utf8' });
    const libraries = [...stdout.matchAll(/(\/\S+\/([^/\s]+)) \(0x/g)].map(([, path, name]) => [
      path!,
      name!,
    ]);
    expect(libraries.map(([, name]) => name).toSorted()).toEqual([...GLIBC, ...COMPILER].toSorted());
    for (const [path, name] of libraries) copyFileSync(path!, join(root, 'lib64', name!));
    copyFileSync(executable, join(root, 'lca-cli'));
    const env = { LD_LIBRARY_PATH: '/lib64' };
    const run = spawnSync('/usr/sbin/chroot', [root, '/lca-cli', '--help'], { encoding: 'utf8', env });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('post-pivot');
  } finally {
    rmSync(root, { recursive: true });
  }
});

function isNewer(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number));
  const index = left!.findIndex((part, at) => part !== (right![at] ?? 0));
  return index !== -1 && left![index]! > (right![index] ?? 0);
}
