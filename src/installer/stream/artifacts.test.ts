import { expect, test } from 'vitest';
import type { StreamMetadata } from '#api/streamMetadata.ts';
import { diskUrl, requireArchitecture, streamArchitecture } from './artifacts.ts';

const DISK = { location: 'https://192.0.2.1/a.qcow2.gz', sha256: 'c'.repeat(64) };

const streamOf = (
  formats: Readonly<Record<string, Readonly<Record<string, typeof DISK>>>>,
): StreamMetadata => ({
  stream: 'rhcos-9',
  architectures: { x86_64: { artifacts: { qemu: { release: '1', formats } }, images: {} } },
});

test.each([
  ['amd64', 'x86_64'],
  ['arm64', 'aarch64'],
  ['s390x', 's390x'],
])('%s is called %s in streams', (name, expected) => {
  expect(streamArchitecture(name)).toBe(expected);
});

test('the URL has the checksum of what comes out of the file, if the stream knows it', () => {
  const uncompressed = { ...DISK, 'uncompressed-sha256': 'u'.repeat(64) };
  expect(diskUrl(streamOf({ 'qcow2.gz': { disk: uncompressed } }), 'x86_64', 'qemu')).toBe(
    `${DISK.location}?sha256=${'u'.repeat(64)}`,
  );
  expect(diskUrl(streamOf({ 'qcow2.gz': { disk: DISK } }), 'x86_64', 'qemu')).toBe(
    `${DISK.location}?sha256=${DISK.sha256}`,
  );
});

test.each([
  ['x86_64', 'vmware', {}, 'rhcos-9/x86_64: No vmware build found'],
  ['riscv64', 'qemu', {}, "stream:rhcos-9 does not have architecture 'riscv64'"],
  ['x86_64', 'qemu', { pxe: { kernel: DISK } }, 'no "disk" artifact found'],
  ['x86_64', 'qemu', { a: { disk: DISK }, b: { disk: DISK } }, 'multiple "disk" artifacts found'],
])('what a stream lacks is said: %s %s', (architecture, platform, formats, message) => {
  expect(() => diskUrl(streamOf(formats), architecture, platform)).toThrow(message);
});

test('an architecture that is there is given', () => {
  expect(requireArchitecture(streamOf({}), 'x86_64').images).toEqual({});
});
