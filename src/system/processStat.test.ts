import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseProcessStat } from './processStat.ts';

describe('parseProcessStat', () => {
  test('reads any program name, brackets, blanks and line ends included', () => {
    const between = Array.from({ length: 17 }, (_, i) => String(i)).join(' ');
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), fc.nat(), fc.nat(), (command, pid, ticks) => {
        const facts = parseProcessStat(`${pid} (${command}) S 1 ${between} ${ticks} 0 0\n`);
        expect(facts).toEqual({ pid, command, parent: 1, startTicks: String(ticks), isZombie: false });
      }),
    );
  });

  test('gives nothing for anything else', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseProcessStat(text)));
    expect(parseProcessStat('')).toBeUndefined();
    expect(parseProcessStat('12 (cut off) S 1 2 3')).toBeUndefined();
  });
});
