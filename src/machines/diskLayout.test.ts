import { expect, test } from 'vitest';
import { renderSfdiskScript, rhcosPartitions } from './diskLayout.ts';

test('the last partition takes the rest', () => {
  const script = renderSfdiskScript([
    { name: 'one', type: 'L', sizeMiB: 5 },
    { name: 'rest', type: 'X' },
  ]);
  expect(script).toBe('label: gpt\nsize=5MiB, type=L, name="one"\ntype=X, name="rest"\n');
});

test('the partitions of RHCOS come in its order, then the container store', () => {
  expect(rhcosPartitions(1).map(({ name }) => name)).toEqual([
    ...['BIOS-BOOT', 'EFI-SYSTEM', 'boot', 'root'],
    'var-lib-containers',
  ]);
});
