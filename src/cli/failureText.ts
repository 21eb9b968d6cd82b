import { causeChain, Failure } from '#base/failure.ts';
import { errorsOf, type Report, renderProblem } from '#base/report.ts';

/** What went wrong as one line for a log: messages of the error and of its causes that add something. */
export function failureLine(error: unknown): string {
  const chain = causeChain(error);
  const told: string[] = [];
  for (const message of chain) if (!told.some((before) => before.includes(message))) told.push(message);
  return told.join(': ');
}

/** The next step, if the error knows one. */
export const hintOf = (error: unknown): string | undefined =>
  error instanceof Failure ? error.hint : undefined;

/** A defect of ours prints its stack, an expected Failure never does. */
export const isDefect = (error: unknown): boolean => !(error instanceof Failure);

/** All problems of a document as lines, with their place in the source. */
export function reportLines(file: string, report: Report): string[] {
  return report.map((p) => {
    const place = p.position === undefined ? file : `${file}:${p.position.line}:${p.position.column}`;
    return `${place}: ${renderProblem(p)}`;
  });
}

/** A Failure that carries every error of a report; the facts hold them for JSON output. */
export function refusal(code: string, file: string, report: Report): Failure {
  const errors = errorsOf(report);
  return new Failure({
    code,
    message: `${file} is not usable: ${reportLines(file, errors).join('; ')}`,
    hint: `correct ${file} and run the command again; nothing was changed`,
    facts: { problems: errors },
  });
}
