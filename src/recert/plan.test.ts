import { describe, expect, it } from 'vitest';
import { parseResource } from '#k8s/resource.ts';
import type { Draft } from './applyRules.ts';
import { planChanges, planMembers } from './plan.ts';

const stored = (key: string, text: string) => ({
  resource: parseResource(key, Buffer.from(text)),
  modRevision: 7,
  stored: Buffer.from(text),
  lease: key === '/leased' ? 5n : 0n,
});
const found = (keys: Record<string, string>) => ({
  objects: new Map(Object.entries(keys).map(([key, text]) => [key, stored(key, text)])),
  files: new Map(),
});
const draft = (keys: Record<string, string>, renamed: [string, string][] = []): Draft => ({
  objects: new Map(Object.entries(keys).map(([key, text]) => [key, parseResource(key, Buffer.from(text))])),
  files: new Map(),
  fileNames: new Map(),
  renamedObjects: new Map(renamed),
});
const limits = { operations: 2, bytes: 1000 };

describe('the plan', () => {
  it('writes only what differs, puts before deletes, and keeps leases', () => {
    const { transactions } = planChanges(
      found({ '/same': 'a', '/leased': 'b', '/gone': 'c' }),
      draft({ '/same': 'a', '/leased': 'B' }),
      limits,
    );
    expect(transactions).toEqual([
      [
        { key: '/leased', expected: 7, put: Buffer.from('B'), was: Buffer.from('b'), lease: '5' },
        { key: '/gone', expected: 7, was: Buffer.from('c') },
      ],
    ]);
  });

  it('renames in one transaction, whatever the limits', () => {
    const { transactions } = planChanges(
      found({ '/x': 'x', '/old': 'o' }),
      draft({ '/x': 'X', '/new': 'o' }, [['/new', '/old']]),
      limits,
    );
    expect(transactions.map((steps) => steps.map(({ key }) => key))).toEqual([['/x'], ['/new', '/old']]);
    expect(transactions[1]?.[0]?.expected).toBe(0);
  });

  it('stays below the limits of a transaction', () => {
    const keys = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`/k${i}`, 'v'.repeat(300)]));
    const { transactions } = planChanges(found({}), draft(keys), { operations: 120, bytes: 1000 });
    expect(transactions.map((steps) => steps.length)).toEqual([3, 3, 3]);
  });

  it('changes the peer URL of the member at the old address only', () => {
    const member = (id: bigint, ...peerUrls: string[]) => ({ id, name: 'n', peerUrls, clientUrls: [] });
    const steps = planMembers(
      [member(1n, 'https://10.0.0.1:2380', 'https://x:2380'), member(2n, 'http://localhost:2380')],
      [{ old: '10.0.0.1', new: 'fd00::2' }],
    );
    expect(steps).toEqual([
      {
        id: '1',
        peerUrls: ['https://[fd00::2]:2380', 'https://x:2380'],
        were: ['https://10.0.0.1:2380', 'https://x:2380'],
      },
    ]);
  });
});
