import { describe, expect, it } from 'vitest';
import { overlayDigest, renderTemplate } from './overlay.ts';

describe('renderTemplate', () => {
  it('fills in every place of a name and leaves other braces alone', () => {
    expect(renderTemplate('{{a}}/{{b}}/{{a}} $(KEPT) { {a} }', { a: '1', b: '2' })).toBe(
      '1/2/1 $(KEPT) { {a} }',
    );
  });

  it('refuses a name that has no value', () => {
    expect(() => renderTemplate('x {{unknown}}', { known: '1' })).toThrow('{{unknown}}');
  });
});

describe('overlayDigest', () => {
  it('sees a changed mode', () => {
    const file = { path: 'usr/libexec/x', content: 'text' };
    expect(overlayDigest([{ ...file, executable: true }])).not.toBe(
      overlayDigest([{ ...file, executable: false }]),
    );
  });
});
