import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Matcher, WINDOW_BYTES } from './matcher.ts';

const window = fc.uint8Array({ minLength: WINDOW_BYTES, maxLength: WINDOW_BYTES });

describe('Matcher', () => {
  it('finds a window at any offset', () => {
    fc.assert(
      fc.property(
        window,
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ maxLength: 30 }),
        (bytes, lead, tail) => {
          const matcher = new Matcher([{ bytes, owner: 7 }]);
          expect(matcher.find(Buffer.concat([lead, bytes, tail]))).toContainEqual({
            owner: 7,
            offset: lead.length,
          });
        },
      ),
    );
  });

  it('finds nothing that differs in one byte', () => {
    fc.assert(
      fc.property(window, fc.nat(WINDOW_BYTES - 1), (bytes, at) => {
        const other = Uint8Array.from(bytes);
        other[at]! ^= 1;
        expect(new Matcher([{ bytes, owner: 0 }]).find(other)).toEqual([]);
      }),
    );
  });

  it('tells many windows apart', () => {
    const windows = Array.from({ length: 500 }, (_, owner) => ({
      owner,
      bytes: Buffer.from(`window number ${String(owner).padStart(10, '0')}`),
    }));
    const input = Buffer.concat(windows.map((w) => w.bytes));
    expect(new Matcher(windows).find(input).map((m) => m.owner)).toEqual(windows.map((w) => w.owner));
  });
});
