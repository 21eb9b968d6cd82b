import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultCacheDirectory, digestOf } from './cache.ts';

const inputs = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string())));

describe('digestOf', () => {
  it('does not depend on the order in which inputs are written', () => {
    fc.assert(
      fc.property(fc.string(), inputs, (name, given) => {
        const turned = Object.fromEntries(Object.entries(given).reverse());
        expect(digestOf({ name, revision: 1, inputs: turned })).toBe(
          digestOf({ name, revision: 1, inputs: given }),
        );
      }),
    );
  });

  it('differs when name, revision or one input differs', () => {
    fc.assert(
      fc.property(fc.string(), inputs, fc.string(), fc.string(), (name, given, key, value) => {
        fc.pre(given[key] !== value && key !== '__proto__');
        const digests = [
          digestOf({ name, revision: 1, inputs: given }),
          digestOf({ name: `${name}x`, revision: 1, inputs: given }),
          digestOf({ name, revision: 2, inputs: given }),
          digestOf({ name, revision: 1, inputs: { ...given, [key]: value } }),
        ];
        expect(new Set(digests).size).toBe(digests.length);
      }),
    );
  });

  it('tells a list from the words joined', () => {
    expect(digestOf({ name: 'a', revision: 1, inputs: { list: ['b', 'c'] } })).not.toBe(
      digestOf({ name: 'a', revision: 1, inputs: { list: ['bc'] } }),
    );
  });
});

describe('defaultCacheDirectory', () => {
  it('follows XDG_CACHE_HOME when it is absolute, and only then', () => {
    expect(defaultCacheDirectory({ XDG_CACHE_HOME: '/somewhere' })).toBe('/somewhere/sower');
    expect(defaultCacheDirectory({ XDG_CACHE_HOME: 'relative' })).toMatch(/\/\.cache\/sower$/);
    expect(defaultCacheDirectory({})).toMatch(/^\/.*\/\.cache\/sower$/);
  });
});
