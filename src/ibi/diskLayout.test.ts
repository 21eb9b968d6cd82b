import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSize, planDiskLayout, planExtraStart, renderSfdiskScript } from './diskLayout.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const disk = (gib: number, sectorSize = 512) => ({ sizeBytes: gib * GIB, sectorSize });

test.each([
  ['40G', 40 * GIB],
  ['40GB', 40 * GIB],
  ['40g', 40 * GIB],
  ['1024M', GIB],
  ['2048K', 2 * MIB],
  ['1024', 1024],
  ['1.5G', 1.5 * GIB],
  ['-1.5 G', -1.5 * GIB],
  ['+4M', 4 * MIB],
])('%s is a size', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each(['abc', 'abcG', '', 'G', '--1G', '1P'])('%j is no size', (text) => {
  expect(() => parseSize(text)).toThrow('is not a size');
});

test('a negative start counts from the end, down to a whole MiB', () => {
  const odd = { sizeBytes: 100 * GIB + 12345 * 512, sectorSize: 512 };
  const start = planExtraStart({ label: 'x', start: '-40G' }, odd) * 512;
  expect(start % MIB).toBe(0);
  expect(odd.sizeBytes - start).toBeGreaterThanOrEqual(40 * GIB);
  expect(odd.sizeBytes - start).toBeLessThan(40 * GIB + MIB);
});

test.each(['-40G', '40G', '0'])('an extra partition at %s does not fit on 40 GiB', (start) => {
  const plan = () => planExtraStart({ label: 'x', start }, disk(40));
  expect(plan).toThrow(expect.objectContaining({ code: 'ibi/extra-partition-does-not-fit' }));
});

test('partitions follow each other without overlap on any disk', () => {
  const arbitrary = {
    sectors: fc.constantFrom(512, 4096),
    gib: fc.integer({ min: 8, max: 4000 }),
    extra: fc.integer({ min: 1, max: 4 }),
  };
  fc.assert(
    fc.property(fc.record(arbitrary), ({ sectors, gib, extra }) => {
      const plan = planDiskLayout(disk(gib, sectors), {
        extra: { label: 'x', start: `-${extra}G` },
        seedBytes: 0,
      });
      expect(plan.map((p) => p.name)).toEqual(['BIOS-BOOT', 'EFI-SYSTEM', 'boot', 'root', 'x']);
      for (const [i, { start }] of plan.slice(1).entries())
        expect(plan[i]!.start + plan[i]!.size!).toBe(start);
      expect((plan[0]!.start * sectors) % MIB).toBe(0);
    }),
  );
});

test('the root must hold the seed', () => {
  const plan = () => planDiskLayout(disk(4), { seedBytes: GIB });
  expect(plan).toThrow(expect.objectContaining({ code: 'ibi/disk-too-small' }));
  expect(planDiskLayout(disk(8), { seedBytes: GIB }).at(-1)).not.toHaveProperty('size');
});

test('the script names every partition', () => {
  const script = renderSfdiskScript([
    { name: 'a b', type: 'T', start: 1, size: 2 },
    { name: 'c', type: 'U', start: 3 },
  ]);
  expect(script).toBe('label: gpt\nstart=1, size=2, type=T, name="a b"\nstart=3, type=U, name="c"\n');
});
