import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderTable } from './markdown.ts';

interface Difference {
  readonly case: string;
  readonly path: string;
  readonly reason: string;
}

const ROWS = join(import.meta.dirname, '../tests/contract/expected-differences.json');

/** What recorded runs of the original installer show differently, by the reason, as a table of the documentation. */
export function renderDifferenceTable(): string {
  const rows = JSON.parse(readFileSync(ROWS, 'utf8')) as Difference[];
  const byReason = new Map<string, string[]>();
  for (const row of rows) {
    const places = byReason.get(row.reason) ?? [];
    byReason.set(row.reason, [...places, placeOf(row)]);
  }
  return renderTable(
    ['Why', 'Recorded run and what differs in it'],
    [...byReason].map(([reason, places]) => [reason, places.join('; ')]),
  );
}

const placeOf = ({ case: name, path }: Difference): string =>
  `${name === '*' ? 'every run' : `\`${name}\``}: ${path === '*' ? 'all' : `\`${path}\``}`;
