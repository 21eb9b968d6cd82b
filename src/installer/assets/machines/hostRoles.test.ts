import { expect, test } from 'vitest';
import { readInstallConfig } from '../../rules/readInstallConfig.ts';
import { assignHosts } from './hostRoles.ts';
import { bareMetalText, hostOf } from './testing.ts';

const ARBITER = { featureSet: 'TechPreviewNoUpgrade', arbiter: { name: 'arbiter', replicas: 1 } };

/** `roles`: one host each; `''` has none. */
function assigned(roles: readonly string[], config: Readonly<Record<string, unknown>> = {}): string[] {
  const hosts = roles.map((role, i) => hostOf(`h${i}`, { role }));
  const read = readInstallConfig(bareMetalText(hosts, { config }), { unknownKeys: 'error', isAgent: false });
  if (!read.ok) throw new Error(JSON.stringify(read.report));
  return assignHosts(read.value).map((one) => (one.role === 'spare' ? 'spare' : `${one.role}-${one.index}`));
}

test.each([
  [
    ['master', 'worker', 'master', 'master'],
    ['master-0', 'spare', 'master-1', 'master-2'],
  ],
  [
    ['', '', '', ''],
    ['master-0', 'master-1', 'master-2', 'spare'],
  ],
  [
    ['', 'master', '', 'worker', ''],
    ['master-0', 'master-1', 'master-2', 'spare', 'spare'],
  ],
  [
    ['', 'master', 'master', 'master'],
    ['spare', 'master-0', 'master-1', 'master-2'],
  ],
  [
    ['master', 'master', 'master', 'master'],
    ['master-0', 'master-1', 'master-2', 'spare'],
  ],
])('%j become %j', (roles, expected) => {
  expect(assigned(roles)).toEqual(expected);
});

test.each([
  [
    ['', '', '', ''],
    ['master-0', 'master-1', 'arbiter-0', 'spare'],
  ],
  [
    ['arbiter', '', '', ''],
    ['arbiter-0', 'master-0', 'master-1', 'spare'],
  ],
  [
    ['', 'worker', 'master', ''],
    ['master-0', 'spare', 'master-1', 'arbiter-0'],
  ],
])('with two masters and an arbiter, %j become %j', (roles, expected) => {
  const config = { ...ARBITER, controlPlane: { name: 'master', replicas: 2 } };
  expect(assigned(roles, config)).toEqual(expected);
});
