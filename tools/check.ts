import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkImports } from './imports.ts';

/** The fast gate: types, lint and format, layering, dead code, no shell. Every check fails when it looked at nothing. */
const ROOT = join(import.meta.dirname, '..');

const CHECKS: readonly { readonly name: string; readonly run: () => string | undefined }[] = [
  { name: 'types', run: () => program('tsc', ['-p', '.']) },
  {
    name: 'lint and format',
    run: () => program('biome', ['ci', '--error-on-warnings', '--colors=off', '.']),
  },
  { name: 'rooms', run: rooms },
  { name: 'no shell', run: noShell },
  { name: 'dead code', run: () => program('knip', ['--no-progress']) },
];

let failed = 0;
for (const check of CHECKS) {
  const started = performance.now();
  const complaint = check.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${complaint === undefined ? 'ok  ' : 'FAIL'} ${check.name.padEnd(16)} ${seconds.padStart(5)} s\n`,
  );
  if (complaint !== undefined) {
    failed++;
    process.stdout.write(`${complaint.trimEnd()}\n`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;

function program(name: string, args: readonly string[]): string | undefined {
  const bin = join(ROOT, 'node_modules', '.bin');
  const result = spawnSync(join(bin, name), args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', PATH: `${bin}:${process.env['PATH']}` },
  });
  return result.status === 0 ? undefined : `${result.stdout}${result.stderr}${result.error?.message ?? ''}`;
}

function rooms(): string | undefined {
  const { breaches, files } = checkImports(ROOT);
  if (files < 20) return `only ${files} files were read: the check looked at nothing`;
  return breaches.length === 0 ? undefined : breaches.join('\n');
}

/** No program of ours starts a shell: neither through node nor by name. Scripts of the lab's OS are content, not programs. */
function noShell(): string | undefined {
  const shell =
    /shell:\s*true|\bexecSync\(|[^.\w]exec\(|['"](?:\/(?:usr\/)?bin\/)?(?:ba|da)?sh['"]\s*,\s*['"]-\w*c['"]/;
  const hits: string[] = [];
  let files = 0;
  for (const folder of ['bin', 'src', 'lab', 'bench']) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true }) as string[]) {
      if (!name.endsWith('.ts')) continue;
      files++;
      const lines = readFileSync(join(ROOT, folder, name), 'utf8').split('\n');
      lines.forEach((line, index) => {
        if (shell.test(line)) hits.push(`${folder}/${name}:${index + 1}: ${line.trim()}`);
      });
    }
  }
  if (files < 20) return `only ${files} files were read: the check looked at nothing`;
  return hits.length === 0 ? undefined : hits.join('\n');
}
