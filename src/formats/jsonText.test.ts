import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemNamed, itemsAt, nodeAt, replaceText, textAt } from './document.ts';
import { JsonText } from './jsonText.ts';

const edited = (text: string, edit: (document: JsonText) => void): string => {
  const document = JsonText.parse(text);
  edit(document);
  return document.render().toString();
};

describe('JSON edited in place', () => {
  it('renders any JSON unchanged, in any spacing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, space) => {
        const text = ` ${JSON.stringify(value, null, space)}\n`;
        expect(JsonText.parse(text).render().toString()).toBe(text);
      }),
    );
  });

  it('changes one member and nothing else: key order, spacing, number text', () => {
    const text = '{ "b" : 1.0e5,\n\t"a":{"x": "old" ,"n":9007199254740993} }\n';
    expect(edited(text, (d) => replaceText(nodeAt(d.root, 'a', 'x'), 'new'))).toBe(
      text.replace('old', 'new'),
    );
  });

  it('sets, adds, removes and renames members like the equivalent object edit', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.string(),
        (object, name, other) => {
          fc.pre(name !== '__proto__' && other !== '__proto__' && !Object.hasOwn(object, '__proto__'));
          const text = JSON.stringify(object, null, 1);
          const added = JSON.parse(edited(text, (d) => d.root.set(name, other)));
          expect(added).toEqual({ ...JSON.parse(text), [name]: other });
          const removed = JSON.parse(edited(text, (d) => d.root.remove(name)));
          const rest = JSON.parse(text);
          delete rest[name];
          expect(removed).toEqual(rest);
        },
      ),
    );
    expect(edited('{"a":1,"b":2}', (d) => d.root.rename('a', 'c'))).toBe('{"c":1,"b":2}');
  });

  it('finds list items by a member', () => {
    const document = JsonText.parse('{"l":[{"name":"x","v":"1"},{"name":"y","v":"2"}]}');
    expect(textAt(itemNamed(itemsAt(document.root, 'l'), 'name', 'y'), 'v')).toBe('2');
  });

  it('escapes as Go does where the old text was escaped', () => {
    expect(edited('{"a":"\\u003cold\\u003e"}', (d) => d.root.get('a')!.replace('<new>'))).toBe(
      '{"a":"\\u003cnew\\u003e"}',
    );
  });

  it('keeps bytes that are not UTF-8 when nothing is edited', () => {
    const bytes = Buffer.from([0x22, 0xff, 0x22]);
    expect(JsonText.parse(bytes).render()).toEqual(bytes);
  });

  it.each(['', '{', '{"a" 1}', '[1,]', '"\\x"', '"abc', '{"a":1} x', '01', '"\u0001"'])(
    'refuses %j',
    (text) => {
      expect(() => JsonText.parse(text)).toThrow(/not JSON/);
    },
  );

  it('refuses hostile nesting instead of overflowing the stack', () => {
    expect(() => JsonText.parse('['.repeat(100_000))).toThrow(/nesting/);
  });

  it('reads strings of megabytes', () => {
    const text = JSON.stringify({ a: 'x'.repeat(5_000_000) });
    expect(JsonText.parse(text).root.get('a')?.text()?.length).toBe(5_000_000);
  });
});
