import { expect, test } from 'vitest';
import type { RegistryEntry } from '#formats/registriesConf.ts';
import { findPlaces, parseImageReference } from './registryPlaces.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['r.test/a/b:1', 'r.test', 'a/b', '1'],
  ['r.test:5000/a', 'r.test:5000', 'a', 'latest'],
  ['localhost/a:x', 'localhost', 'a', 'x'],
  [`r.test/a@${DIGEST}`, 'r.test', 'a', DIGEST],
  [`r.test/a:1@${DIGEST}`, 'r.test', 'a', DIGEST],
  ['[fd00::1]:5000/a', '[fd00::1]:5000', 'a', 'latest'],
  ['busybox', 'docker.io', 'library/busybox', 'latest'],
  ['user/image:1', 'docker.io', 'user/image', '1'],
])('%s', (spec, registry, repository, version) => {
  expect(parseImageReference(spec)).toEqual({ registry, repository, version });
});

test.each(['', 'r.test/', 'r.test/A', 'r.test/a:', 'r.test/a@sha256:12', 'r.test/../a', 'r.test/a b'])(
  '%j is no name of an image',
  (spec) => {
    expect(() => parseImageReference(spec)).toThrow(
      expect.objectContaining({ code: 'system/pull-spec-invalid' }),
    );
  },
);

const entry = (prefix: string, more: Partial<RegistryEntry> = {}): RegistryEntry => ({
  ...{ prefix, location: prefix, insecure: false, mirrors: [] },
  ...more,
});
const places = (spec: string, entries: readonly RegistryEntry[]): string[] =>
  findPlaces(parseImageReference(spec), entries).map(
    (place) => `${place.registry}/${place.repository}${place.insecure ? ' insecure' : ''}`,
  );
const mirror = { location: 'm.test/copy', insecure: true };

test('an image without an entry is where its name says', () => {
  expect(places('r.test/a', [entry('q.test'), entry('r.test/b'), entry('r.tes')])).toEqual(['r.test/a']);
});

test('mirrors come first, with the rest of the name behind their location', () => {
  expect(places('r.test/a/b', [entry('r.test/a', { mirrors: [mirror] })])).toEqual([
    'm.test/copy/b insecure',
    'r.test/a/b',
  ]);
});

test('the longest prefix counts, and stands for its location', () => {
  const entries = [entry('r.test', { mirrors: [mirror] }), entry('r.test/a', { location: 'l.test/x' })];
  expect(places('r.test/a/b', entries)).toEqual(['l.test/x/b']);
});

test('a wildcard covers subdomains, whose own place stays the last', () => {
  const entries = [entry('*.test', { mirrors: [mirror] })];
  expect(places('r.test:5000/a', entries)).toEqual(['m.test/copy/a insecure', 'r.test:5000/a']);
  expect(places('test/a', entries)).toEqual(['docker.io/test/a']);
});

test('mirrors for digests only do not serve tags', () => {
  const entries = [entry('r.test', { mirrors: [mirror], mirrorByDigestOnly: true })];
  expect(places('r.test/a:1', entries)).toEqual(['r.test/a']);
  expect(places(`r.test/a@${DIGEST}`, entries)).toHaveLength(2);
});

test('what is blocked has no place', () => {
  expect(() => places('r.test/a', [entry('r.test', { blocked: true })])).toThrow(
    'registries.conf blocks r.test',
  );
});
