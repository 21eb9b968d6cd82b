import { type Problem, problem, type Report } from '#base/report.ts';

/** The grammar of upstream's validation errors: `path: Kind: value: detail` (spec/installer/03.1). */

export const required = (path: string, detail: string): Problem => problem(path, `Required value: ${detail}`);

export const forbidden = (path: string, detail: string): Problem => problem(path, `Forbidden: ${detail}`);

export const internal = (path: string, detail: string): Problem => problem(path, `Internal error: ${detail}`);

export const duplicate = (path: string, value: string): Problem =>
  problem(path, `Duplicate value: ${renderValue(value)}`);

export const invalid = (path: string, value: string | number, detail: string): Problem =>
  problem(path, `Invalid value: ${renderValue(value)}: ${detail}`);

/** As `invalid` for a value that upstream prints as Go source; `dump` is that text. */
export const invalidDump = (path: string, dump: string, detail: string): Problem =>
  problem(path, `Invalid value: ${dump}: ${detail}`);

/** As `invalid` for a value that may hold a secret; upstream prints it whole. */
export const invalidSecret = (path: string, value: string, detail: string): Problem =>
  invalid(path, value === '' ? '' : '<redacted>', detail);

export const unsupported = (path: string, value: string, supported: readonly string[]): Problem =>
  problem(
    path,
    `Unsupported value: ${renderValue(value)}: supported values: ${supported.map(renderValue).join(', ')}`,
  );

export const tooMany = (path: string, actual: number, most: number): Problem =>
  problem(path, `Too many: ${actual}: must have at most ${most} items`);

const renderValue = (value: string | number): string =>
  typeof value === 'number' ? String(value) : JSON.stringify(value);

/** All errors as one text: alone, or comma-separated in brackets; an error that is said twice stands once. */
export function aggregate(errors: Report, render: (problem: Problem) => string): string {
  const texts = [...new Set(errors.map(render))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}
