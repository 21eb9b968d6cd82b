import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { isIdle } from './idle.ts';
import { RULES } from './rules/table.ts';
import { makeCluster, secretObject } from './testing.ts';

const { old } = makeCluster();
const noise = randomBytes(3000);
const entry = (namespace: string, data: Record<string, string | Buffer>) => ({
  key: `/registry/secrets/${namespace}/a`,
  value: secretObject(namespace, 'a', { other: noise, ...data }),
  modRevision: 1,
  lease: 0n,
});

test("a workload's secret without crypto is idle, one of the platform is not", () => {
  expect(isIdle(entry('shop', { text: noise.toString('base64') }))).toBe(true);
  for (const namespace of ['openshift-config', 'kube-system', 'default'])
    expect(isIdle(entry(namespace, {}))).toBe(false);
});

test.each([
  ['plain', (text: string) => text],
  ['in base64', (text: string) => Buffer.from(text).toString('base64')],
  ['in gzip', (text: string) => gzipSync(text)],
  ['in base64 of JSON', (text: string) => Buffer.from(JSON.stringify({ text })).toString('base64')],
])('one that holds a key, certificate or token is not idle: %s', (_what, wrap) => {
  for (const text of old) expect(isIdle(entry('shop', { any: wrap(text) }))).toBe(false);
});

test('one with a kubeconfig is not idle, as its server is renamed', () => {
  expect(isIdle(entry('shop', { kubeconfig: 'clusters: []' }))).toBe(false);
});

test('no rule but that of kubeconfigs is about secrets of workloads', () => {
  const rules = [...RULES.objects, ...RULES.last].filter(({ objects }) =>
    objects.some((pattern) => /^secrets\/(?!openshift|kube-)/.test(pattern)),
  );
  expect(rules.map(({ name }) => name)).toEqual(['kubeconfig-objects']);
});
