import { parseAllDocuments } from 'yaml';
import { type Problem, problem, type Report } from '#base/report.ts';
import type { InputFile } from './asset.ts';
import { jsonSyntaxProblems } from './jsonSyntax.ts';

/** What is wrong with the form of a manifest. A JSON file may hold several values one after the other, as applied ones may. */
export function manifestSyntaxProblems({ path, content }: InputFile): Report {
  const text = content.toString('utf8');
  if (path.endsWith('.json')) return jsonSyntaxProblems(text, 'several');
  return parseAllDocuments(text, { prettyErrors: true }).flatMap(({ errors }) =>
    errors.map(({ code, linePos }): Problem => {
      const [start] = linePos ?? [];
      const found = problem('', `is not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})`);
      return start === undefined ? found : { ...found, position: { line: start.line, column: start.col } };
    }),
  );
}
