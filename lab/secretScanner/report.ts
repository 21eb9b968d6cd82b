import type { LeftOver, ScanResult } from './scan.ts';

const COLUMNS = ['KIND', 'FINGERPRINT', 'WHERE', 'ENCODING', 'IN THE SEED'];

/** A table of left-overs for a person, one line each, and a closing line with what was looked at. */
export function renderScanResult(result: ScanResult): string {
  const total = `${result.leftOvers.length} left-overs in ${result.files} files (${(result.bytes / 1e6).toFixed(1)} MB)\n`;
  if (result.leftOvers.length === 0) return total;
  const rows = [COLUMNS, ...result.leftOvers.map(rowOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n${total}`;
}

function rowOf(leftOver: LeftOver): string[] {
  const { kind, fingerprint, path, offset, etcdRecord, encoding, source } = leftOver;
  const where = etcdRecord === undefined ? `${path}+${offset}` : `${path} ${etcdRecord}`;
  return [kind, fingerprint, where, encoding, source];
}
