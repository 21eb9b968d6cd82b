import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AptSource, parseAptSources, renderAptSources } from './aptSources.ts';

const uri = fc.webUrl({ validSchemes: ['http', 'https'] }).filter((url) => !/[\s#]/.test(url));
const codename = fc.stringMatching(/^[a-z]{3,10}$/);
const keyring = fc.stringMatching(/^\/[a-z]{1,8}\/[a-z]{1,8}\.gpg$/);

describe('parseAptSources', () => {
  it('reads back what renderAptSources writes', () => {
    const source = fc.record({ uris: fc.array(uri, { minLength: 1, maxLength: 3 }), signedBy: keyring });
    fc.assert(
      fc.property(codename, fc.array(source, { minLength: 1, maxLength: 4 }), (name, drawn) => {
        const sources: AptSource[] = drawn.map(({ uris, signedBy }) => ({
          uris,
          suites: [name, `${name}-updates`],
          options: { 'Signed-By': signedBy },
        }));
        expect(parseAptSources('x.sources', renderAptSources(sources, 'deb'), name)).toEqual(sources);
      }),
    );
  });

  it('finds the same in both forms of a file', () => {
    fc.assert(
      fc.property(codename, uri, keyring, (name, url, signedBy) => {
        const oneLine = `# comment\ndeb [arch=amd64 signed-by=${signedBy}] ${url} ${name} main contrib # end\n`;
        const deb822 = `Types: deb deb-src\nURIs: ${url}\n# comment\nSuites: ${name}\nComponents: main contrib\nSigned-By: ${signedBy}\n`;
        const expected = [{ uris: [url], suites: [name], options: { 'Signed-By': signedBy } }];
        expect(parseAptSources('x.list', oneLine, name)).toEqual(expected);
        expect(parseAptSources('x.sources', deb822, name)).toEqual(expected);
      }),
    );
  });

  it('keeps a key that stands in the file itself', () => {
    const key = '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc=\n -----END PGP PUBLIC KEY BLOCK-----';
    const text = `Types: deb\nURIs: file:/a\nSuites: stable\nComponents: main\nSigned-By:${key}\n`;
    const sources = parseAptSources('x.sources', text, 'stable');
    expect(sources[0]?.options['Signed-By']).toBe(key);
    expect(renderAptSources(sources, 'deb-src')).toContain(`Signed-By: ${key}`);
  });

  it.each([
    ['other suites', 'deb http://a.example/ stable-vendor main'],
    ['other components', 'deb http://a.example/ stable vendor'],
    ['sources only', 'deb-src http://a.example/ stable main'],
    ['commented lines', '# deb http://a.example/ stable main'],
    ['half a line', 'deb http://a.example/'],
  ])('passes over %s', (_, line) => {
    expect(parseAptSources('x.list', line, 'stable')).toEqual([]);
  });

  it('passes over a disabled stanza but reads the next one', () => {
    const stanza = (enabled: string) =>
      `Enabled: ${enabled}\nTypes: deb\nURIs: http://${enabled}.example/\nSuites: stable\nComponents: main\n`;
    const sources = parseAptSources('x.sources', `${stanza('no')}\n${stanza('yes')}`, 'stable');
    expect(sources.map(({ uris }) => uris)).toEqual([['http://yes.example/']]);
  });
});
