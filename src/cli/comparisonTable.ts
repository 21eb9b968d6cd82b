import colors from 'picocolors';
import type { CloneOutcome } from '#lab/clone/member.ts';
import type { Row } from '#lab/comparison/rows.ts';
import { renderTable } from './table.ts';

/** Widths of a cell with values: what a wide terminal needs, and what still says something. */
const CELL = { widest: 44, narrowest: 16 };

/** Things of which a cluster has many; without `all` they are one line each, unless one of them is not as it should be. */
const MANY = ['signer', 'leaf certificate', 'service account key', 'SSH host key'];

/** The table "seed against clone" with a mark at each line. */
export function renderComparison(
  outcome: Pick<CloneOutcome, 'rows' | 'configurationSeconds'>,
  options: { readonly all: boolean; readonly color: boolean; readonly columns: number },
): string {
  const paint = colors.createColors(options.color);
  const rows = options.all ? outcome.rows : MANY.reduce(summarize, outcome.rows);
  const cell = cellWidth(rows, options.columns);
  const lines = rows.map((row) => [
    row.ok ? paint.green('✓') : paint.red('✗'),
    row.what,
    shorten(row.seed, cell),
    shorten(row.clone, cell),
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

/** What two cells may have of a line beside the mark, the name and the verdict. */
function cellWidth(rows: readonly Row[], columns: number): number {
  const name = Math.max(...rows.map((row) => row.what.length));
  const free = Math.floor((columns - '✓'.length - name - 'must be different'.length - 8) / 2);
  return Math.min(CELL.widest, Math.max(CELL.narrowest, free));
}

const shorten = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;
