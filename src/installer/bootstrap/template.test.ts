import { describe, expect, it } from 'vitest';
import { renderTemplate, shellWord } from './template.ts';

describe('a template of the bootstrap machine', () => {
  it('gets values in the place of names, and nothing else is changed', () => {
    const text = 'a={{a}} {{ a }} {{.Architecture}} $b {{a}}$&';
    expect(renderTemplate('t', text, { a: "$& '$1'" })).toBe(
      "a=$& '$1' {{ a }} {{.Architecture}} $b $& '$1'$&",
    );
  });

  it('can not name what does not exist', () => {
    expect(() => renderTemplate('x/y.template', '{{toString}}', {})).toThrow(
      'template x/y.template names the unknown value "toString"',
    );
  });
});

it.each([
  ['', "''"],
  ['a b', "'a b'"],
  ["it's", "'it'\\''s'"],
  ['$(reboot)', "'$(reboot)'"],
])('the shell word of %j is %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
