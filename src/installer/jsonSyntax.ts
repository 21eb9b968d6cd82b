import { Failure } from '#base/failure.ts';
import { problem, type Report, type SourcePosition } from '#base/report.ts';
import { JsonText } from '#formats/jsonText.ts';

/**
 * That a text is no JSON, and where; it may hold keys and is not quoted. Where it may be `several`, values may stand
 * one after the other.
 */
export function jsonSyntaxProblems(text: string, values: 'one' | 'several' = 'one'): Report {
  const offset = findMistake(text, values);
  return offset === undefined
    ? []
    : [{ ...problem('', 'is not valid JSON'), position: positionOf(text, offset) }];
}

/** The platform's parser is the judge, because it is the one that reads the file; but it does not always tell a place. */
function findMistake(text: string, values: 'one' | 'several'): number | undefined {
  for (let start = 0; ; ) {
    if (isJson(text.slice(start))) return undefined;
    const end = start + endOfJson(text.slice(start));
    if (values === 'one' || !isJson(text.slice(start, end))) return end;
    start = end;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** How far a text can be read as one value. */
function endOfJson(text: string): number {
  try {
    JsonText.parse(text);
  } catch (failure) {
    if (failure instanceof Failure) return Number(failure.facts['offset']);
    throw failure;
  }
  return text.length;
}

function positionOf(text: string, offset: number): SourcePosition {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
