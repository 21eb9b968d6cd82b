import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseImageBasedInstallationConfig } from '#api/ibiInstallationConfig.ts';
import { parseImageBasedConfig } from '#api/imageBasedConfig.ts';
import { parseInstallConfig } from '#api/installConfig.ts';
import { parseSourceText } from '#api/sourceText.ts';
import type { Report } from '#base/report.ts';
import { IMAGE_BASED_CONFIG_TEMPLATE } from '#installer/assets/imageBased/imageBasedConfigTemplate.ts';
import { INSTALLATION_CONFIG_TEMPLATE } from '#installer/assets/imageBased/installationConfigTemplate.ts';
import { readInstallConfig } from '#installer/rules/readInstallConfig.ts';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'tests/fixtures');

/** Of the files as they are handed out. */
const validators: Record<string, ValidateFunction> = {};

beforeAll(() => {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true });
  for (const name of readdirSync(join(ROOT, 'docs/schemas'))) {
    const schema = JSON.parse(readFileSync(join(ROOT, 'docs/schemas', name), 'utf8')) as object;
    validators[name.replace('.json', '.yaml')] = ajv.compile(schema);
  }
});

/** What an editor would mark, as `path keyword`. */
function marksOf(file: string, text: string): string[] {
  const plain = parseSourceText(text);
  if (!plain.ok) return ['no YAML'];
  const validate = validators[file]!;
  validate(plain.value.value);
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}

const noRules = (): Report => [];

/** True if the program takes the text as such a document, whatever its rules say. */
const DECODERS: Readonly<Record<string, (text: string) => boolean>> = {
  'install-config.yaml': (text) => parseInstallConfig(text, { unknownKeys: 'error' }).ok,
  'image-based-config.yaml': (text) => parseImageBasedConfig(text, noRules).ok,
  'image-based-installation-config.yaml': (text) => parseImageBasedInstallationConfig(text, noRules).ok,
};

interface Vector {
  readonly name: string;
  readonly agent: boolean;
  readonly input: string;
  readonly output: string | null;
}

const vectors = JSON.parse(
  readFileSync(join(FIXTURES, 'vectors/install-config.json'), 'utf8'),
) as readonly Vector[];

describe('install-config.yaml', () => {
  const accepted = vectors.filter(
    ({ input, agent }) => readInstallConfig(input, { unknownKeys: 'error', isAgent: agent }).ok,
  );

  it('marks nothing in an input that is valid, nor in what it is written back as', () => {
    expect(accepted.length).toBeGreaterThan(15);
    for (const { name, input, output } of accepted) {
      expect([name, marksOf('install-config.yaml', input)]).toEqual([name, []]);
      if (output !== null) expect([name, marksOf('install-config.yaml', output)]).toEqual([name, []]);
    }
  });

  it('marks what the decoder refuses, and nothing that only looks unusual', () => {
    let refused = 0;
    for (const { name, input } of vectors) {
      const isShaped = parseInstallConfig(input, { unknownKeys: 'error' }).ok;
      if (isShaped) continue;
      refused++;
      expect([name, marksOf('install-config.yaml', input).length > 0]).toEqual([name, true]);
    }
    expect(refused).toBeGreaterThan(2);
  });

  it.each([
    ['baseDomain: null', '', 'required'],
    ['platform: {none: {}, external: {}}', '/platform', 'maxProperties'],
    ['publish: Everywhere', '/publish', 'enum'],
    ['fips: "yes"', '/fips', 'type'],
    ['networking: {machineNetworks: []}', '/networking', 'additionalProperties'],
    ['compute: [{name: worker, replicas: some}]', '/compute/0/replicas', 'type'],
  ])('marks %s', (text, path, keyword) => {
    expect(marksOf('install-config.yaml', text)).toContain(`${path} ${keyword}`);
  });
});

describe('the documents of an image-based installation', () => {
  const inputs = readdirSync(join(FIXTURES, 'contracts'))
    .filter((name) => name.startsWith('ibi-'))
    .map((name) => JSON.parse(readFileSync(join(FIXTURES, 'contracts', name), 'utf8')) as object)
    .map((contract) => (contract as { in: Record<string, string>; case: string }).in);

  it('marks recorded inputs exactly where their decoders refuse them, and nothing in our own samples', () => {
    const verdicts: string[] = [];
    for (const [file, text] of inputs.flatMap((files) => Object.entries(files))) {
      const isShaped = DECODERS[file]?.(text);
      if (isShaped === undefined) continue;
      expect([file, text, marksOf(file, text).length === 0]).toEqual([file, text, isShaped]);
      verdicts.push(`${file} ${isShaped}`);
    }
    expect(new Set(verdicts)).toEqual(
      new Set([
        'install-config.yaml true',
        'install-config.yaml false',
        'image-based-config.yaml true',
        'image-based-installation-config.yaml true',
      ]),
    );
    expect(marksOf('image-based-config.yaml', IMAGE_BASED_CONFIG_TEMPLATE)).toEqual([]);
    expect(marksOf('image-based-installation-config.yaml', INSTALLATION_CONFIG_TEMPLATE)).toEqual([]);
  });

  it('marks a misspelled field and a missing one', () => {
    const marks = marksOf('image-based-installation-config.yaml', 'seedImages: x');
    expect(marks).toContain(' additionalProperties');
    expect(marks.filter((mark) => mark === ' required')).toHaveLength(4);
    expect(marksOf('image-based-config.yaml', 'nodeLabels: [a]')).toEqual(['/nodeLabels type']);
  });
});
