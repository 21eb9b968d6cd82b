import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderInstallConfig } from '#api/installConfigText.ts';
import { errorsOf, renderProblem } from '#base/report.ts';
import { readInstallConfig } from './readInstallConfig.ts';

const host = (n: number): object => ({
  name: `h${n}`,
  role: 'master',
  bootMACAddress: `02:00:00:00:00:0${n}`,
  bmc: { address: `redfish://bmc${n}.test`, username: 'u', password: 'p' },
  rootDeviceHints: { deviceName: '/dev/sda' },
});

const cluster = (platform: object): object => ({
  apiVersion: 'v1',
  baseDomain: 'site.test',
  metadata: { name: 'c' },
  networking: {
    machineNetwork: [{ cidr: '10.0.0.0/16' }],
    clusterNetwork: [{ cidr: '10.128.0.0/14', hostPrefix: 23 }],
    serviceNetwork: ['172.30.0.0/16'],
    ovnKubernetesConfig: { ipv4: { internalJoinSubnet: '100.80.0.0/16' } },
  },
  controlPlane: { replicas: 3, platform: {} },
  compute: [{ name: 'worker', replicas: 0 }],
  proxy: { httpProxy: 'http://p.test', noProxy: 'a.test' },
  imageDigestSources: [{ source: 'r.test/a', mirrors: ['m.test/a'] }],
  capabilities: { baselineCapabilitySet: 'vCurrent', additionalEnabledCapabilities: ['Ingress'] },
  featureSet: 'CustomNoUpgrade',
  featureGates: ['A=true'],
  platform,
  pullSecret: '{"auths":{"r.test":{"auth":"eA=="}}}',
});

const CLUSTERS: readonly object[] = [
  cluster({ none: {} }),
  cluster({ external: { platformName: 'x', cloudControllerManager: 'External' } }),
  cluster({
    baremetal: { apiVIPs: ['10.0.0.5'], ingressVIPs: ['10.0.0.6'], hosts: [1, 2, 3].map(host) },
  }),
];

const STRICT = { unknownKeys: 'error', isAgent: false } as const;

describe('readInstallConfig', () => {
  it.each(CLUSTERS)('writes back what it reads again: cluster %#', (document) => {
    const read = readInstallConfig(JSON.stringify(document), STRICT);
    expect(read.report).toEqual([]);
    if (!read.ok) return;
    const written = renderInstallConfig(read.value);
    const again = readInstallConfig(written, STRICT);
    expect(again.report).toEqual([]);
    if (again.ok) expect(renderInstallConfig(again.value)).toBe(written);
  });

  it('tells all problems at once, each with its place', () => {
    const text = 'apiVersion: v1\nbaseDomain: Upper.test\nmetadata:\n  name: c\nplatform: {}\npublish: x\n';
    const places = errorsOf(readInstallConfig(text, STRICT).report).map(({ path, position }) => [
      path,
      position,
    ]);
    expect(places).toEqual([
      ['baseDomain', { line: 2, column: 1 }],
      ['platform', { line: 5, column: 1 }],
      ['pullSecret', { line: 1, column: 1 }],
      ['publish', { line: 6, column: 1 }],
    ]);
  });

  it('never gives output and an error, nor a refusal without a place, whatever is edited', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CLUSTERS),
        fc.array(anyEdit, { minLength: 1, maxLength: 3 }),
        (document, edits) => {
          const edited = edits.reduce(applyEdit, document);
          const text = JSON.stringify(edited, null, 2);
          const read = readInstallConfig(text, STRICT);
          const errors = errorsOf(read.report);
          if (read.ok) {
            expect(errors).toEqual([]);
            expect(parse(renderInstallConfig(read.value))).toHaveProperty('apiVersion', 'v1');
            return;
          }
          expect(errors.length).toBeGreaterThan(0);
          const lines = text.split('\n').length;
          for (const error of errors) {
            expect(error.path, renderProblem(error)).not.toBe('');
            expect(error.position?.line, renderProblem(error)).toBeLessThanOrEqual(lines);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

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
