import { expect, test } from 'vitest';
import { renderRegistryHosts } from './registryHosts.ts';

const secure = (location: string) => ({ location, prefix: location, insecure: false });

test('a mirror of a whole registry is tried before the registry itself', () => {
  const { files } = renderRegistryHosts([{ ...secure('a.test'), mirrors: [secure('m.test:5000')] }]);
  expect(Object.keys(files)).toEqual(['a.test']);
  expect(files['a.test']).toContain('[host."https://m.test:5000"]');
  expect(files['a.test']).not.toContain('skip_verify');
});

test('insecure means TLS without checks, then none', () => {
  const { files } = renderRegistryHosts([{ ...secure('a.test'), insecure: true, mirrors: [] }]);
  const schemes = [...(files['a.test'] ?? '').matchAll(/host\."(\w+):/g)].map((match) => match[1]);
  expect(schemes).toEqual(['https', 'http']);
});

test('a copy below a prefix keeps the path; any other mapping is told', () => {
  const { files, unsupported } = renderRegistryHosts([
    { ...secure('a.test/ocp'), mirrors: [secure('m.test/copy/ocp'), secure('m.test/renamed')] },
  ]);
  expect(files['a.test']).toContain('[host."https://m.test/v2/copy"]');
  expect(files['a.test']).toContain('override_path = true');
  expect(unsupported).toEqual(['a.test/ocp -> m.test/renamed']);
});

test('a prefix that stands for another location goes there', () => {
  const entry = { prefix: 'name.test:5000', location: '192.0.2.1:5000', insecure: true, mirrors: [] };
  const { files } = renderRegistryHosts([entry]);
  expect(files['name.test:5000']).toContain('[host."http://192.0.2.1:5000"]');
});
