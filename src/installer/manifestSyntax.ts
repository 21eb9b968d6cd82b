import { parseAllDocuments } from 'yaml';
import { parseSourceText } from '#api/sourceText.ts';
import { type Problem, problem, type Report } from '#base/report.ts';
import type { InputFile } from './asset.ts';

/** What is wrong with the form of a manifest. A JSON file may hold several values one after the other, as applied ones may. */
export function manifestSyntaxProblems({ path, content }: InputFile): Report {
  const text = content.toString('utf8');
  if (path.endsWith('.json')) return jsonProblems(text);
  return parseAllDocuments(text, { prettyErrors: true }).flatMap(({ errors }) =>
    errors.map(({ code, linePos }): Problem => {
      const [start] = linePos ?? [];
      const found = problem('', `is not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})`);
      return start === undefined ? found : { ...found, position: { line: start.line, column: start.col } };
    }),
  );
}

/** Only the parser of YAML tells places; what it says is about YAML, and quotes the text. */
function jsonProblems(text: string): Report {
  if (isJson(text) || valuesOf(text).every(isJson)) return [];
  const source = parseSourceText(text);
  const position = source.ok ? undefined : source.report[0]?.position;
  return [{ ...problem('', 'is not valid JSON'), ...(position !== undefined && { position }) }];
}

/** The values of a text that has several, without their texts: a bracket in one would look like the end of a value. */
const valuesOf = (text: string): string[] =>
  text.replaceAll(/"(?:\\.|[^"\\])*"/g, '""').split(/(?<=[}\]])\s*(?=[{[])/);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
