import colors from 'picocolors';
import type { CloneOutcome } from '#lab/clone/clone.ts';
import type { Row } from '#lab/comparison/rows.ts';
import { renderTable } from './table.ts';

const CELL = 34;

/** Things of which a cluster has many; without `all` they are one line each, unless one of them is not as it should be. */
const MANY = ['signer', 'leaf certificate', 'service account key', 'SSH host key'];

/** The table "seed against clone" with a mark at each line. */
export function renderComparison(
  outcome: CloneOutcome,
  options: { readonly all: boolean; readonly color: boolean },
): string {
  const paint = colors.createColors(options.color);
  const rows = options.all ? outcome.rows : MANY.reduce(summarize, outcome.rows);
  const lines = rows.map((row) => [
    row.ok ? paint.green('✓') : paint.red('✗'),
    row.what,
    shorten(row.seed),
    shorten(row.clone),
    row.ok ? paint.dim(row.expected) : paint.red(`must be ${row.expected}`),
  ]);
  const bad = outcome.rows.filter((row) => !row.ok).length;
  const verdict =
    bad === 0
      ? paint.green(`all ${outcome.rows.length} comparisons are as they should be`)
      : paint.red(`${bad} of ${outcome.rows.length} comparisons are not as they should be`);
  const seconds = `${outcome.configurationSeconds.toFixed(1)} s from configuration ISO to ready API`;
  return `\n${renderTable([['', '', 'SEED', 'CLONE', ''], ...lines])}\n  ${verdict}; ${seconds}\n`;
}

function summarize(rows: readonly Row[], kind: string): readonly Row[] {
  const these = rows.filter((row) => row.ok && row.what.startsWith(`${kind} `));
  const first = rows.indexOf(these[0]!);
  if (these.length < 2) return rows;
  const count = (side: 'seed' | 'clone') => `${these.filter((row) => row[side] !== '-').length} fingerprints`;
  const summary: Row = {
    what: `${kind}s`,
    seed: count('seed'),
    clone: count('clone'),
    expected: 'different',
    ok: true,
  };
  return [...rows.slice(0, first), summary, ...rows.slice(first).filter((row) => !these.includes(row))];
}

const shorten = (text: string): string => (text.length <= CELL ? text : `${text.slice(0, CELL - 1)}…`);
