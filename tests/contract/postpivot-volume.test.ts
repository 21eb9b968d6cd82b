import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findConfigurationVolume, readConfigurationVolume } from '#postpivot/configurationVolume.ts';
import { configIso, reconfiguration } from '#postpivot/testing.ts';
import type { Files } from '#system/host.ts';
import { localHost } from '#system/localHost.ts';

let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'sower-volume-'));
});
afterEach(() => rm(work, { recursive: true, force: true }));

/** This machine may have other loop devices: only one of them is shown. */
const withOnly = (device: string): Files => ({
  ...localHost.files,
  list: async (path) => (path === '/sys/block' ? [device.replace('/dev/', '')] : localHost.files.list(path)),
});

async function asDevice(image: string, use: (device: string) => Promise<void>): Promise<void> {
  const { stdout } = await localHost.run(['losetup', '--find', '--show', '--read-only', image]);
  const device = stdout.trim();
  try {
    await use(device);
  } finally {
    await localHost.run(['losetup', '--detach', device]);
  }
}

test('our own ISO, as a block device of the kernel', async () => {
  const image = join(work, 'config.iso');
  await writeFile(image, configIso(reconfiguration(), { 'extra-manifests/a.yaml': 'a: 1\n' }));
  await asDevice(image, async (device) => {
    expect(await findConfigurationVolume(withOnly(device))).toBe(device);
    const tree = await readConfigurationVolume(localHost.files, device);
    expect(tree.get('extra-manifests/a.yaml')?.toString()).toBe('a: 1\n');
  });
});

test('an ISO of another program with Rock Ridge and Joliet', async () => {
  const [image, file] = [join(work, 'config.iso'), join(work, 'manifest.json')];
  await writeFile(file, '{"api_version":1}');
  await localHost.run([
    ...[
      'xorriso',
      '-as',
      'mkisofs',
      '-quiet',
      '-R',
      '-J',
      '-V',
      'relocation-config',
      '-o',
      image,
      '-graft-points',
    ],
    `cluster-configuration/manifest.json=${file}`,
  ]);
  await asDevice(image, async (device) => {
    expect(await findConfigurationVolume(withOnly(device))).toBe(device);
    const tree = await readConfigurationVolume(localHost.files, device);
    expect(tree.get('cluster-configuration/manifest.json')?.toString()).toBe('{"api_version":1}');
  });
});

test('a disk without a volume is passed over', async () => {
  const image = join(work, 'disk');
  await writeFile(image, Buffer.alloc(1 << 20));
  await asDevice(image, async (device) => {
    expect(await findConfigurationVolume(withOnly(device))).toBeUndefined();
  });
});
