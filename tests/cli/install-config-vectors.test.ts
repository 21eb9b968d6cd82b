import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseInstallConfig } from '#api/installConfig.ts';
import { renderInstallConfig } from '#api/installConfigText.ts';
import { errorsOf, type Report, renderProblem } from '#base/report.ts';
import { aggregate } from '#installer/rules/fieldErrors.ts';
import { readInstallConfig } from '#installer/rules/readInstallConfig.ts';
import { isExpected, readExpectedDifferences } from './contractCase.ts';

/** A recorded input with what the original made of it; see tests/fixtures/vectors/INDEX.md. */
interface Vector {
  readonly name: string;
  readonly agent: boolean;
  readonly input: string;
  readonly decode: readonly string[];
  readonly errors: readonly string[];
  readonly aggregate: string | null;
  readonly warnings: readonly string[];
  readonly output: string | null;
}

/** What a vector comes to, as path -> value. */
type Facts = ReadonlyMap<string, string>;

const PATH = join(import.meta.dirname, '../fixtures/vectors/install-config.json');

it('differs from the original only where a row says so, and every row is needed', async () => {
  const vectors = JSON.parse(await readFile(PATH, 'utf8')) as Vector[];
  const rows = (await readExpectedDifferences()).filter((row) => row.case.startsWith('install-config/'));
  const used = new Set<unknown>();
  const surprises: unknown[] = [];
  for (const vector of vectors) {
    const name = `install-config/${vector.name}`;
    const recorded = recordedFacts(vector);
    const ours = ourFacts(vector);
    for (const path of new Set([...recorded.keys(), ...ours.keys()])) {
      if (recorded.get(path) === ours.get(path)) continue;
      const row = rows.find((candidate) => isExpected(candidate, name, path));
      if (row === undefined)
        surprises.push({ name, path, recorded: recorded.get(path), ours: ours.get(path) });
      else used.add(row);
    }
  }
  expect(vectors.length).toBeGreaterThanOrEqual(80);
  expect(surprises).toEqual([]);
  expect(rows.filter((row) => !used.has(row))).toEqual([]);
});

function recordedFacts({ decode, errors, warnings, output, ...vector }: Vector): Facts {
  return factsOf({
    decode: decode.map((line) => line.replace(/^CONVERT: /, '')),
    errors,
    aggregate: vector.aggregate ?? '',
    warnings: warnings.map((line) => JSON.parse(line.replace(/^level=warning msg=/, '')) as string),
    output: output ?? '',
  });
}

/** Unknown fields are told as decoding errors, and then read as the original's versions of that time do. */
function ourFacts({ input, agent }: Vector): Facts {
  const shape = errorsOf(parseInstallConfig(input, { unknownKeys: 'error' }).report).map(renderProblem);
  const read = readInstallConfig(input, { unknownKeys: 'warning', isAgent: agent });
  const isUnknown = (text: string): boolean => text.includes('unknown field, ignored');
  const errors = errorsOf(read.report).filter((each) => !shape.includes(renderProblem(each)));
  // What keeps a file from being converted is told before all rules, as decoding errors are.
  const ofConversion = errors.filter(({ path }) => path === 'apiVersion');
  const ofRules = errors.filter(({ path }) => path !== 'apiVersion');
  return factsOf({
    decode: [...shape, ...ofConversion.map(renderProblem)],
    errors: [...new Set(ofRules.map(renderProblem))],
    aggregate: ofRules.length === 0 ? '' : aggregate(ofRules, renderProblem),
    warnings: warningsOf(read.report).filter((text) => !isUnknown(text)),
    output: read.ok ? renderInstallConfig(read.value) : '',
  });
}

const warningsOf = (report: Report): string[] =>
  report.filter(({ severity }) => severity === 'warning').map(renderProblem);

interface Judgement {
  readonly decode: readonly string[];
  readonly errors: readonly string[];
  readonly aggregate: string;
  readonly warnings: readonly string[];
  readonly output: string;
}

function factsOf({ decode, errors, aggregate: whole, warnings, output }: Judgement): Facts {
  const lists = Object.entries({ decode, errors, warnings });
  const facts = lists.flatMap(([name, lines]) =>
    lines.map((line, i): [string, string] => [`${name}[${i}]`, line]),
  );
  return new Map([...facts, ['aggregate', whole], ['output', output]]);
}
