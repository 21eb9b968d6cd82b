import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import type { MemberEnd } from '#lab/clone/fleet.ts';
import type { Row } from '#lab/comparison/rows.ts';
import { FleetView, isAsItShouldBe } from './fleetView.ts';

const COLUMNS = 100;
const NAMES = ['store-1', 'store-12'];

/** What a terminal or a file has seen, write by write. */
function viewOn({ isTTY }: { readonly isTTY: boolean }) {
  const written: string[] = [];
  const sink = { write: (text: string) => void written.push(text), isTTY, columns: COLUMNS };
  let now = 0;
  const view = new FleetView(sink, NAMES, () => now);
  return { view, written, tick: (seconds: number) => (now += seconds) };
}

const row = (ok: boolean): Row => ({ what: 'node IP', seed: 'a', clone: 'b', expected: 'different', ok });

function endOf(name: string, change: Pick<MemberEnd, 'outcome' | 'error'>): MemberEnd {
  const identity = { baseDomain: 'b.example', hostname: 'h', nodeIp: '192.0.2.1', clusterId: 'i' };
  return { wanted: { clusterName: name, ...identity }, seconds: 61.25, ...change };
}

const good = (name: string, ok = true): MemberEnd =>
  endOf(name, {
    outcome: {
      image: { pullSpec: 'x', bytes: 1 },
      ...{ configurationSeconds: 12.34, secondsToKubelet: 5 },
      rows: [row(true), row(ok)],
    },
  });
const failed = (name: string): MemberEnd =>
  endOf(name, { error: new Failure({ code: 'lab/x', message: `first line\n${'long '.repeat(40)}` }) });

test('on a terminal every clone and the seed have one line that is drawn anew in its place', () => {
  const { view, written, tick } = viewOn({ isTTY: true });
  view.member('store-1').onStart('install');
  tick(4);
  view.member('store-12').onStart('clone: boot');
  view.close();
  const last = written.at(-1) ?? '';
  expect(last.startsWith('\u001b[3F\u001b[J')).toBe(true);
  const lines = stripVTControlCharacters(last).trimEnd().split('\n');
  expect(lines).toEqual([
    '  … seed          4 s',
    '  … store-1       4 s   install',
    '  … store-12      4 s   boot',
  ]);
});

test('no line is wider than the terminal, however long the reason of a failure is', () => {
  const { view, written } = viewOn({ isTTY: true });
  view.ended(failed('store-1'));
  view.ended(good('store-12'));
  view.close();
  const lines = stripVTControlCharacters(written.at(-1) ?? '')
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line.length).toBeLessThan(COLUMNS);
  expect(lines[1]).toMatch(/^ {2}✗ store-1 +61\.3 s {3}first line long/);
  expect(lines[2]).toMatch(/✓ store-12 +61\.3 s {3}2 comparisons as they should be, API ready 12\.3 s/);
});

test('without a terminal each stage is a line of its own, which begins with the name of its clone', () => {
  const { view, written } = viewOn({ isTTY: false });
  const stage = { startedAt: 0, seconds: 7, outcome: 'done', note: '' } as const;
  view.member('store-1').onStart('clone: boot');
  view.member('store-1').onEnd({ ...stage, name: 'clone: boot' });
  view.ended(good('store-1', false));
  view.close();
  const text = written.join('');
  expect(text).not.toContain('\u001b');
  const lines = text.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^ {2}✓ store-1: boot +7\.0 s$/);
  expect(lines[1]).toMatch(/^ {2}✗ store-1 .* 2 comparisons, 1 not as they should be/);
});

test('a clone is as it should be only with an outcome and every line of it', () => {
  expect([good('a'), good('a', false), failed('a')].map(isAsItShouldBe)).toEqual([true, false, false]);
});
