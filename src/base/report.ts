/** Where in the source text a problem lies; both numbers count from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** One thing wrong (or doubtful) in a document. `path` is the field path as upstream writes it, `''` for the document itself. */
export interface Problem {
  readonly path: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly position?: SourcePosition;
}

/** All problems of a document; validation never throws, it returns one of these. */
export type Report = readonly Problem[];

export const problem = (path: string, message: string): Problem => ({ path, severity: 'error', message });
export const warning = (path: string, message: string): Problem => ({ path, severity: 'warning', message });
export const errorsOf = (report: Report): Problem[] => report.filter((p) => p.severity === 'error');

/** `path: message`, the form in which every program prints a problem. */
export const renderProblem = (p: Problem): string => (p.path === '' ? p.message : `${p.path}: ${p.message}`);

/** What `parseX` functions return: the value, or every problem found; warnings come with both. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly report: Report }
  | { readonly ok: false; readonly report: Report };

export const parsed = <T>(value: T, report: Report = []): Parsed<T> => ({ ok: true, value, report });
export const refused = (report: Report): Parsed<never> => ({ ok: false, report });
