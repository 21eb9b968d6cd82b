import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { openLab } from './lab.ts';
import { createLabState, type LabState, parseLabState, readLabState, renderLabState } from './state.ts';

const machine = fc.record(
  {
    name: fc.string(),
    role: fc.constantFrom('seed' as const, 'clone' as const),
    driver: fc.constantFrom('nspawn' as const, 'qemu' as const),
    address: fc.string(),
    clusterName: fc.string(),
    baseDomain: fc.string(),
    kubeconfig: fc.string(),
  },
  { requiredKeys: ['name', 'role', 'driver', 'address', 'clusterName', 'baseDomain'] },
);
const state: fc.Arbitrary<LabState> = fc.record({
  formatVersion: fc.constant(1 as const),
  createdAt: fc.string(),
  machines: fc.array(machine),
});

describe('the state of a lab', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(state, (value) => {
        const result = parseLabState(renderLabState(value));
        expect(result.ok && result.value).toEqual({
          ...value,
          machines: value.machines.map((m) => ({ ...m })),
        });
      }),
    );
  });

  test.each(['', '[]', '{"formatVersion":2,"createdAt":"x","machines":[]}', '{"formatVersion":1}'])(
    'refuses %j',
    (text) => expect(parseLabState(text).ok).toBe(false),
  );
});

describe('createLabState', () => {
  const now = new Date('2030-01-02T03:04:05Z');

  test('begins a lab and keeps one that is there', async () => {
    const host = new MemoryHost({}, ([program, path]) =>
      program === 'realpath' ? { stdout: `${path}\n` } : {},
    );
    const lab = openLab(host, { name: 'x', stateFolder: '/s' });
    const first = await createLabState(lab, now);
    expect(first).toEqual({ formatVersion: 1, createdAt: '2030-01-02T03:04:05.000Z', machines: [] });
    expect(await createLabState(lab, new Date())).toEqual(first);
    expect(await readLabState(lab)).toEqual(first);
  });

  test('does not take over a folder that holds something else', async () => {
    const lab = openLab(new MemoryHost({ '/s/x/thesis.txt': 'mine' }), { name: 'x', stateFolder: '/s' });
    await expect(createLabState(lab, now)).rejects.toMatchObject({ code: 'lab/foreign-folder' });
  });
});
