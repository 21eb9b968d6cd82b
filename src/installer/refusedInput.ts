import { Failure } from '#base/failure.ts';
import { errorsOf, type Problem, type Report, renderProblem } from '#base/report.ts';
import { aggregate } from './rules/fieldErrors.ts';

/** A problem with the file it is in; what is shown beside upstream's one-line message. */
export interface InputProblem extends Problem {
  readonly file: string;
}

/**
 * The refusal of an input file with all its problems: upstream's wording and grammar in the message, the positions in
 * the source beside it in `facts.problems`. Problems of our own (unknown fields) name their position in the message too.
 */
export function refusedInput(refusal: { file: string; wording: string; report: Report }): Failure {
  const errors = errorsOf(refusal.report);
  const problems: InputProblem[] = errors.map((error) => ({ ...error, file: refusal.file }));
  return new Failure({
    code: 'installer/input-invalid',
    message: `${refusal.wording}: ${aggregate(errors, renderOwn)}`,
    hint: 'correct what is wrong and run the command again; nothing was changed',
    facts: { problems },
  });
}

/** `file:line:column: path: message`. */
export const placed = (found: InputProblem): string =>
  found.position === undefined
    ? `${found.file}: ${renderProblem(found)}`
    : `${found.file}:${found.position.line}:${found.position.column}: ${renderProblem(found)}`;

/** The problems that a refusal carries; none for other failures. */
export const problemsOf = (failure: Failure): readonly InputProblem[] =>
  (failure.facts['problems'] ?? []) as readonly InputProblem[];

/** Upstream's kinds of errors have no positions, scripts know their texts. */
const UPSTREAM_KIND =
  /^(Required value|Invalid value|Unsupported value|Duplicate value|Forbidden|Too many|Too long|Not found)\b/;

function renderOwn(problem: Problem): string {
  const text = renderProblem(problem);
  if (problem.position === undefined || UPSTREAM_KIND.test(problem.message)) return text;
  return `${text} (line ${problem.position.line}, column ${problem.position.column})`;
}
