import { describe, expect, test } from 'vitest';
import { SITE_MARK } from '#machines/processes.ts';
import { MemoryHost } from '#system/testing.ts';
import { openLab } from './lab.ts';

describe('openLab', () => {
  test('keeps each lab in a folder of its own', () => {
    expect(openLab(new MemoryHost()).folder).toBe('/var/lib/sower/lab');
    expect(openLab(new MemoryHost(), { name: 'b', stateFolder: '/s' }).folder).toBe('/s/b');
    expect(() => openLab(new MemoryHost(), { name: '../etc' })).toThrow(
      expect.objectContaining({ code: 'machines/bad-name' }),
    );
  });

  test('marks what it starts, also when the program gets an environment', async () => {
    const seen: unknown[] = [];
    const host = new MemoryHost({}, (_, { env }) => {
      seen.push(env);
      return {};
    });
    const lab = openLab(host, { name: 'b' });
    await lab.host.run(['x']);
    await lab.host.run(['x'], { env: { A: '1' } });
    expect(seen).toEqual([{ [SITE_MARK]: 'b' }, { [SITE_MARK]: 'b', A: '1' }]);
  });
});
