import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { libraryCheck, SEED_UNITS } from '#api/units.ts';
import { localHost } from '#system/localHost.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-libraries-'));
});
afterAll(() => rm(folder, { recursive: true }));

const check = (executable: string) =>
  localHost.run(['/bin/sh', '-c', libraryCheck(executable)], { okCodes: [0, 3] });

test('a program that has all its libraries may start, also one that has none', async () => {
  expect((await check(process.execPath)).code).toBe(0);
  const script = join(folder, 'static');
  await writeFile(script, '#!/bin/sh\necho help\n');
  await chmod(script, 0o755);
  expect((await check(script)).code).toBe(0);
});

test('a library that is missing is named, with what is needed in all', async () => {
  const content = (await readFile('/bin/true')).toString('latin1');
  expect(content).toContain('libc.so.6');
  const broken = join(folder, 'broken');
  await writeFile(broken, Buffer.from(content.replaceAll('libc.so.6', 'libx.so.6'), 'latin1'), {
    mode: 0o755,
  });
  const { code, stdout } = await check(broken);
  expect(code).toBe(3);
  expect(stdout).toMatch(/libx\.so\.6 => not found/);
  expect(stdout).toMatch(/needs glibc 2\.28, libstdc\+\+ and libgcc_s/);
});

test('systemd accepts the units with the check', async () => {
  for (const { name, text } of SEED_UNITS) await writeFile(join(folder, name), text);
  const units = SEED_UNITS.map(({ name }) => join(folder, name));
  const argv = ['systemd-analyze', 'verify', '--man=no', ...units];
  const { stderr } = await localHost.run(argv, { okCodes: [0, 1] });
  const own = stderr
    .split('\n')
    .filter((line) => line.includes(folder) && !line.includes('is not executable'));
  expect(own).toEqual([]);
});
