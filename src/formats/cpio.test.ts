import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '#base/failure.ts';
import { parseCpio, renderCpio } from './cpio.ts';

const entry = fc.record({
  path: fc.stringMatching(/^[a-z0-9./_-]{1,40}$/),
  mode: fc.constantFrom(0o100644, 0o100600, 0o100755),
  content: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
});

describe('a cpio archive', () => {
  it('gives back what went in', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(
          parseCpio(renderCpio(entries)).map((e) => ({ ...e, content: Buffer.from(e.content) })),
        ).toEqual(entries);
      }),
    );
  });

  it('starts each part at a multiple of four bytes', () => {
    const archive = renderCpio([{ path: 'config.ign', mode: 0o100644, content: Buffer.from('{}\n') }]);
    expect(archive.length % 4).toBe(0);
    expect(archive.toString('latin1', 0, 22)).toBe('07070100000001000081a4');
  });

  it('is refused wherever it is cut off', () => {
    const archive = renderCpio([{ path: 'config.ign', mode: 0o100644, content: Buffer.alloc(100, 7) }]);
    for (let length = 0; length < archive.length - 4; length++) {
      expect(() => parseCpio(archive.subarray(0, length))).toThrow(Failure);
    }
  });

  it('never fails in another way than with a Failure', () => {
    const archive = renderCpio([{ path: 'config.ign', mode: 0o100644, content: Buffer.alloc(30) }]);
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.nat(255), (at, value) => {
        const broken = Buffer.from(archive);
        broken[at] = value;
        try {
          parseCpio(broken);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
    );
  });
});
