import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldPath, parseFieldPath, renderFieldPath } from '#api/fieldPath.ts';
import { parseImageBasedInstallationConfig } from '#api/ibiInstallationConfig.ts';
import { parseImageBasedConfig } from '#api/imageBasedConfig.ts';
import { renderInstallConfig } from '#api/installConfigText.ts';
import { errorsOf, type Parsed, type Problem, renderProblem } from '#base/report.ts';
import { validateImageBasedConfig } from './imageBasedConfigRules.ts';
import { validateInstallationConfig } from './installationConfigRules.ts';
import { readInstallConfig } from './readInstallConfig.ts';
import { CLUSTERS, PULL_SECRET } from './testing.ts';

/** Printed with every failure. Other edits: SEED=1 vitest run --project unit src/installer/rules/editedDocuments.test.ts */
const SEED = Number(process.env['SEED'] ?? 20_261_120);
const EDITS = 1000;

interface DocumentKind {
  readonly valid: object;
  read(text: string): Parsed<unknown>;
}

const installConfigOf = (valid: object): DocumentKind => ({
  valid,
  read(text) {
    const read = readInstallConfig(text, { unknownKeys: 'error', isAgent: false });
    if (read.ok) expect(renderInstallConfig(read.value)).toContain('apiVersion: v1\n');
    return read;
  },
});

const KINDS: Readonly<Record<string, DocumentKind>> = {
  'install-config.yaml without a platform': installConfigOf(CLUSTERS.none),
  'install-config.yaml of an external platform': installConfigOf(CLUSTERS.external),
  'install-config.yaml of bare metal': installConfigOf(CLUSTERS.baremetal),
  'image-based-config.yaml': {
    valid: {
      apiVersion: 'v1beta1',
      kind: 'ImageBasedConfig',
      metadata: { name: 'c' },
      hostname: 'node.test',
      additionalNTPSources: ['ntp.test', '192.0.2.1'],
      networkConfig: { interfaces: [{ name: 'eth0', ipv4: { enabled: true, dhcp: true } }] },
      releaseRegistry: 'r.test:5000',
      cluster_id: '0b1f3a52-7a27-4f21-9c5c-2a3e6f1d9b11',
      infra_id: 'c-x2x4z',
      nodeLabels: { 'site.test/role': 'edge' },
    },
    read: (text) => parseImageBasedConfig(text, validateImageBasedConfig),
  },
  'image-based-installation-config.yaml': {
    valid: {
      apiVersion: 'v1beta1',
      kind: 'ImageBasedInstallationConfig',
      metadata: { name: 'c' },
      pullSecret: PULL_SECRET,
      seedImage: 'r.test/seed:1',
      seedVersion: '4.19.0',
      installationDisk: '/dev/sda',
      extraPartitionStart: '-40G',
      extraPartitionNumber: 5,
      networkConfig: { interfaces: [{ name: 'eth0' }] },
      imageDigestSources: [{ source: 'r.test/a', mirrors: ['m.test/a'] }],
      proxy: { httpProxy: 'http://p.test', noProxy: 'a.test' },
      coreosInstallerArgs: ['--append-karg', 'a=b'],
      shutdown: true,
    },
    read: (text) => parseImageBasedInstallationConfig(text, validateInstallationConfig),
  },
};

describe.each(Object.entries(KINDS))('edits of %s', (_, { valid, read }) => {
  it('start from a valid one', () => {
    expect(read(JSON.stringify(valid)).report).toEqual([]);
  });

  it('give either the document or refusals of what is in it', { timeout: 120_000 }, () => {
    const edits = fc.array(anyEdit, { minLength: 1, maxLength: 3 });
    const property = fc.property(edits, (list) => {
      const edited = list.reduce(applyEdit, valid);
      const text = JSON.stringify(edited, null, 2);
      const result = read(text);
      const errors = errorsOf(result.report);
      expect(errors.length > 0).toBe(!result.ok);
      for (const error of errors) expectPlace(error, edited, text);
    });
    fc.assert(property, { seed: SEED, numRuns: EDITS / Object.keys(KINDS).length });
  });
});

/**
 * What is refused is in the document; only what is missing may be named by the place where it would be. Some of
 * upstream's paths are capitalised differently from the document's keys.
 */
function expectPlace(error: Problem, edited: object, text: string): void {
  const told = `seed ${SEED}: ${renderProblem(error)}`;
  expect(error.path, told).not.toBe('');
  expect(error.position?.line, told).toBeLessThanOrEqual(text.split('\n').length);
  const written = new Set(pathsOf(edited).map((path) => renderFieldPath(path).toLowerCase()));
  const has = (path: FieldPath): boolean => {
    const name = renderFieldPath(path);
    const older = name.replace('clusterNetwork[', 'clusterNetworks['); // converted before it is judged
    return path.length === 0 || [name, older].some((each) => written.has(each.toLowerCase()));
  };
  const path = parseFieldPath(error.path);
  if (has(path) || written.has(error.path.toLowerCase())) return;
  // The member, or the mapping that it would be in, is not written.
  expect(has(path.slice(0, -1)) || has(path.slice(0, -2)), told).toBe(true);
  expect(error.message, told).toMatch(ABSENT);
}

/** Of what is not written: a value that is required, or the empty one that it is read as. */
const ABSENT =
  /^must be the name of an interface$|^Required value: |^Forbidden: there should be exactly two |^\w+ value: (""|0|\[\]\*[\w.]+\(nil\))(:|$)/;

const pathsOf = (value: unknown, at: FieldPath = []): FieldPath[] =>
  typeof value !== 'object' || value === null
    ? [at]
    : [
        at,
        ...Object.entries(value).flatMap(([key, member]) =>
          pathsOf(member, [...at, Array.isArray(value) ? Number(key) : key]),
        ),
      ];

interface Edit {
  /** Which of the document's fields, counted round. */
  readonly place: number;
  readonly kind: 'replace' | 'remove' | 'rename' | 'repeat';
  readonly value: unknown;
}

const anyEdit: fc.Arbitrary<Edit> = fc.record({
  place: fc.nat({ max: 10_000 }),
  kind: fc.constantFrom('replace', 'replace', 'remove', 'rename', 'repeat'),
  value: fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>('', -1, 0, 2, 'x', '10.0.0.0/8', '::/0', '::1', 'fd00::/64', null, [], {}, true),
  ),
});

function applyEdit(document: object, { place, kind, value }: Edit): object {
  const copy = structuredClone(document);
  const fields = fieldsOf(copy);
  const field = fields[place % Math.max(1, fields.length)];
  if (field === undefined) return copy;
  const { parent, key } = field;
  const before = parent[key];
  if (kind === 'replace') parent[key] = value;
  else if (Array.isArray(parent)) {
    if (kind === 'remove') parent.splice(Number(key), 1);
    else parent.push(structuredClone(before));
  } else if (kind === 'repeat') parent[key] = [before, before];
  else {
    delete parent[key];
    if (kind === 'rename') parent[`${key}s`] = before;
  }
  return copy;
}

interface Field {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

function fieldsOf(value: unknown): Field[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [{ parent, key }, ...fieldsOf(parent[key])]);
}
