import { describe, expect, it } from 'vitest';
import { renderInstallConfig } from '#api/installConfigText.ts';
import { errorsOf } from '#base/report.ts';
import { readInstallConfig } from './readInstallConfig.ts';
import { CLUSTERS } from './testing.ts';

const STRICT = { unknownKeys: 'error', isAgent: false } as const;

describe('readInstallConfig', () => {
  it.each(Object.entries(CLUSTERS))('writes back what it reads again: platform %s', (_, document) => {
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
});
