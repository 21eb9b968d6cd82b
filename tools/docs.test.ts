import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderCliReference } from './cliReference.ts';
import { renderDifferenceTable } from './differenceTable.ts';
import { renderJsonSchemas } from './jsonSchemas.ts';
import { checkLinks } from './links.ts';
import { renderManPages } from './manPages.ts';
import { replaceSection } from './markdown.ts';
import { renderRuleTable } from './ruleReference.ts';

const ROOT = join(import.meta.dirname, '..');
const document = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');

describe('what is made from code is up to date (npm run docs)', () => {
  test('the command reference', () => {
    expect(document('cli.md')).toBe(renderCliReference());
  });

  test.each([
    ['schemas', renderJsonSchemas],
    ['man', renderManPages],
  ])('the folder %s', (folder, render) => {
    const files = render();
    expect(readdirSync(join(ROOT, 'docs', folder)).toSorted()).toEqual(Object.keys(files).toSorted());
    for (const [name, text] of Object.entries(files)) expect(document(`${folder}/${name}`)).toBe(text);
  });

  test('the table of what recorded runs show differently', () => {
    const text = document('differences.md');
    expect(text).toBe(replaceSection(text, 'recorded', renderDifferenceTable()));
  });

  test('the table of rules', () => {
    expect(document('recert.md')).toBe(replaceSection(document('recert.md'), 'rules', renderRuleTable()));
  });
});

test('no document names what is not there', () => {
  const { broken, documents, links } = checkLinks(ROOT);
  expect(broken).toEqual([]);
  expect(documents).toBeGreaterThan(10);
  expect(links).toBeGreaterThan(10);
});

describe('the check of links', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'links-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const brokenIn = (files: Readonly<Record<string, string>>): readonly string[] => {
    for (const [path, text] of Object.entries({ 'package.json': '{"scripts":{"a":""}}', ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return checkLinks(root).broken;
  };

  test('follows relative links and anchors', () => {
    const files = {
      'a.md': '[b](docs/b.md#one-two) [c](docs/b.md#three)',
      'docs/b.md': '# One, two\n[a](../a.md)',
    };
    expect(brokenIn(files)).toEqual(['a.md: link to docs/b.md#three']);
    expect(brokenIn({ 'a.md': '[gone](gone.md) [far](https://example.com/gone.md)' })).toEqual([
      'a.md: link to gone.md',
    ]);
  });

  test('knows paths of the repository and npm scripts, and passes code blocks over', () => {
    const text =
      '`src/here.ts` `src/gone.ts` `/src/gone` `npm run a` `npm run b`\n```sh\n`src/x`\n[x](y)\n```\n';
    expect(brokenIn({ 'a.md': text, 'src/here.ts': '' })).toEqual([
      'a.md: path src/gone.ts',
      'a.md: npm script b',
    ]);
  });
});

test('a section is replaced between its marks', () => {
  const text = 'a\n<!-- x -->\nold\n<!-- /x -->\nb\n';
  expect(replaceSection(text, 'x', 'new\n')).toBe('a\n<!-- x -->\nnew\n<!-- /x -->\nb\n');
  expect(() => replaceSection('a', 'x', '')).toThrow('no section');
});
