import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SEED_MEMBERS, SEED_STORE_LABEL } from '#api/seedImage.ts';
import type { Io } from '#cli/io.ts';
import { lcaCliMain } from '#cli/lcaCli.ts';
import { gzipParallel } from '#formats/gzipParallel.ts';
import { writeTar } from '#formats/tar.ts';
import { localHost } from '#system/localHost.ts';
import { seedLabels } from './faultyRegistry.ts';
import { name } from './seedFixture.ts';

/** lca-cli in this process, with all that it prints in one text. */
export async function lcaCli(
  cwd: string,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<{ code: number; output: string }> {
  let output = '';
  const sink = {
    write: (text: string) => {
      output += text;
    },
    isTTY: false,
    columns: 80,
  };
  const io: Io = {
    ...{ stdout: sink, stderr: sink, env, cwd },
    now: () => new Date(),
    readStdin: async () => '',
  };
  return { code: await lcaCliMain(argv, io), output };
}

/** A disk of that size as a loop device, in a file of the directory. */
export async function attachDisk(
  directory: string,
  bytes: number,
  content?: Buffer,
): Promise<{ file: string; device: string }> {
  const file = join(directory, `disk-${name()}`);
  await writeFile(file, content ?? '');
  await truncate(file, bytes);
  const device = (await localHost.run(['losetup', '--find', '--show', file])).stdout.trim();
  return { file, device };
}

export async function detachDisk({ file, device }: { file: string; device: string }): Promise<void> {
  await localHost.run(['losetup', '--detach', device]);
  await rm(file, { force: true });
}

export async function digestFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** What an installation has left mounted or attached; empty after every run. */
export async function leftovers(device: string): Promise<string> {
  const argv = ['losetup', '--list', '--noheadings', '--output=NAME', '--associated', device];
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .filter((line) => line.includes(`/run/lca-ibi/${device.split('/').at(-1)}/`));
  return (await localHost.run(argv)).stdout + mounts.join('\n');
}

/** A seed's members as one compressed layer, in the order of `create`: the image list long before the archives. */
export async function seedLayer(directory: string): Promise<Buffer> {
  const last: readonly string[] = [SEED_MEMBERS.ostree, SEED_MEMBERS.var, SEED_MEMBERS.etc];
  const names = (await readdir(directory)).sort((a, b) => last.indexOf(a) - last.indexOf(b));
  async function* members() {
    for (const path of names) {
      const content = await readFile(join(directory, path));
      yield { path, mode: 0o600, size: content.length, content: pieces(content) };
    }
  }
  const chunks: Buffer[] = [];
  for await (const chunk of gzipParallel(writeTar(members()))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* pieces(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}

/** The labels that `create` gives to an image of these members. */
export async function labelsOf(directory: string): Promise<Record<string, string>> {
  const clusterInfo = await readFile(join(directory, SEED_MEMBERS.clusterInfo), 'utf8');
  return { ...seedLabels(clusterInfo), [SEED_STORE_LABEL]: 'containerd:/var/lib/containers/containerd' };
}
