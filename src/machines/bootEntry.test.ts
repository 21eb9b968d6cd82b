import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deploymentLink, findDefaultEntry, parseBootEntry } from './bootEntry.ts';

const render = (version: number, options: string): string =>
  `title Some OS ${version}\nversion ${version}\noptions ${options}\nlinux /ostree/x/vmlinuz\ninitrd /ostree/x/initramfs.img\n`;

describe('boot loader entries', () => {
  test('reads what OSTree writes', () => {
    const entry = parseBootEntry(
      render(3, 'root=LABEL=root rw ostree=/ostree/boot.1/os/abc/0 console=ttyS0'),
    );
    expect(entry).toEqual({
      title: 'Some OS 3',
      version: 3,
      kernelArguments: ['root=LABEL=root', 'rw', 'ostree=/ostree/boot.1/os/abc/0', 'console=ttyS0'],
    });
    expect(deploymentLink(entry)).toBe('/ostree/boot.1/os/abc/0');
  });

  test('the highest number boots, numbers compared as numbers', () => {
    const entries = fc.uniqueArray(fc.integer({ min: 1, max: 2000 }), { minLength: 1 });
    fc.assert(
      fc.property(entries, (versions) => {
        const parsedEntries = versions.map((version) => parseBootEntry(render(version, 'quiet')));
        expect(findDefaultEntry(parsedEntries)?.version).toBe(Math.max(...versions));
      }),
    );
    expect(findDefaultEntry([])).toBeUndefined();
  });

  test('whatever the file holds, it is read without an error', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseBootEntry(text)));
    expect(deploymentLink(parseBootEntry('options ostree=relative xostree=/no'))).toBeUndefined();
  });
});
