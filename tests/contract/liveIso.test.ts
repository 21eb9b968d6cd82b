import { beforeAll, expect, test } from 'vitest';
import { findEmbedArea } from '#formats/embedArea.ts';
import { readIso, readIsoFile } from '#formats/iso9660Reader.ts';
import { buildLab, buildLiveIso } from '#lab/build/all.ts';
import { localHost } from '#system/localHost.ts';

let iso: string;

beforeAll(async () => {
  iso = await buildLiveIso(await buildLab());
}, 1_800_000);

const source = { read: (offset: number, length: number) => localHost.files.readAt(iso, offset, length) };

test('our reader and xorriso see the same files in the live ISO', async () => {
  const { volumeId, entries } = await readIso(source);
  const words = ['xorriso', '-indev', iso, '-find', '/', '-exec', 'lsdl', '--'];
  const listed = (await localHost.run(words)).stdout.split('\n').flatMap((line) => {
    const [, mode, size, path] = /^(\S)\S+ +\d+ +\S+ +\S+ +(\d+) .* '\/?(.*)'$/.exec(line) ?? [];
    // `e` is the catalog of boot images, a file to everybody else.
    return mode === undefined || !path ? [] : [{ kind: mode === 'e' ? '-' : mode, path, size: Number(size) }];
  });
  const ours = entries.map(({ kind, path, size }) => ({ kind: kind === 'file' ? '-' : 'd', path, size }));
  const lines = (files: typeof ours) => files.map(({ kind, path, size }) => `${kind} ${path} ${size}`).sort();
  expect(lines(ours)).toEqual(lines(listed));
  expect(volumeId).toBe('SOWERLIVE');
  expect(entries.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['images/pxeboot/vmlinuz', 'images/pxeboot/initrd.img', 'images/rootfs.squashfs']),
  );
});

test('the embed area is where coreos/igninfo.json says, empty and as large as that of CoreOS', async () => {
  const { entries } = await readIso(source);
  const entry = entries.find(({ path }) => path === 'images/ignition.img')!;
  expect(await findEmbedArea(source)).toEqual({ offset: entry.offset, length: 256 * 1024 });
  expect((await readIsoFile(source, entry)).every((byte) => byte === 0)).toBe(true);
});

test('it boots by BIOS through the boot loader on it', async () => {
  const { stdout } = await localHost.run(['xorriso', '-indev', iso, '-report_el_torito', 'plain']);
  expect(stdout).toMatch(/El Torito boot img :\s+1\s+BIOS\s+y\s+none/);
  expect(stdout).toMatch(/El Torito img path :\s+1\s+\/isolinux\/isolinux\.bin/);
});
