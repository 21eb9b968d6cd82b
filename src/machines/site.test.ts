import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkName, containerName, containerNameEnd, siteAt } from './site.ts';

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/);

describe('names of a site', () => {
  test.each(['', 'A', 'a b', 'a.b', 'a/b', '-a', 'a-', '_a', '..', 'a'.repeat(21), 'a\n'])(
    'refuses %j, which would not be safe in paths and kernel names',
    (bad) => {
      expect(() => checkName(bad)).toThrow(expect.objectContaining({ code: 'machines/bad-name' }));
      expect(() => siteAt(bad, '/s')).toThrow(expect.objectContaining({ code: 'machines/bad-name' }));
    },
  );

  test("a site's ending matches the names of its own machines only", () => {
    fc.assert(
      fc.property(name, name, name, (site, other, machine) => {
        fc.pre(site !== other);
        const container = containerName(siteAt(site, '/s'), machine);
        expect(container.endsWith(containerNameEnd(site))).toBe(true);
        expect(container.endsWith(containerNameEnd(other))).toBe(false);
      }),
    );
  });
});
