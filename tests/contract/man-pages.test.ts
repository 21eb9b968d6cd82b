import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../docs/man');
const PAGES = readdirSync(FOLDER);

it('has a page for each program', () => {
  expect(PAGES.toSorted()).toEqual(['lca-cli.1', 'openshift-install.1', 'recert.1', 'sower.1']);
});

describe.each(PAGES)('%s', (page) => {
  const groff = (...flags: string[]) =>
    spawnSync('groff', ['-man', '-Tascii', ...flags, join(FOLDER, page)], { encoding: 'utf8' });

  it('has nothing that groff warns of', () => {
    const { status, stderr } = groff('-ww', '-z');
    expect([status, stderr]).toEqual([0, '']);
  });

  it('shows names and flags as they are typed', () => {
    const shown = groff('-P-c', '-P-b', '-P-u', '-P-o').stdout;
    const name = page.replace('.1', '');
    expect(shown.replaceAll(/ +/g, ' ')).toContain(`NAME\n ${name} - `);
    expect(shown).toMatch(/ --[a-z]/);
    expect(shown).not.toMatch(/\\f|\u2010/);
  });
});
