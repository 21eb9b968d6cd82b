import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonSyntaxProblems } from './jsonSyntax.ts';

const placeOf = (text: string, values?: 'several'): string | undefined => {
  const [found] = jsonSyntaxProblems(text, values);
  return found && `${found.position?.line}:${found.position?.column} ${found.message}`;
};

it.each([
  ['a comma before the end', '{\n "a": 1,\n}', '3:1'],
  ['an apostrophe', "{'a': 1}", '1:2'],
  ['a key without quotes', '{\n  a: 1}', '2:3'],
  ['a comment', '{"a": 1} # mine', '1:10'],
  ['YAML', 'a: 1\n', '1:1'],
  ['nothing', '', '1:1'],
  ['a bracket that is not closed', '{"a": [1\n', '2:1'],
  ['two values', '{}\n{}', '2:1'],
])('tells the place of %s', (_, text, place) => {
  expect(placeOf(text)).toBe(`${place} is not valid JSON`);
});

it('takes several values where they are allowed, and looks into each', () => {
  expect(placeOf('{"a": "} {"}\n[1]\n', 'several')).toBeUndefined();
  expect(placeOf('{}\n{"a"}', 'several')).toBe('2:5 is not valid JSON');
});

it('finds a place in whatever is no JSON, and nothing in what is', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 3 }), (json, at, typed) => {
      expect(jsonSyntaxProblems(json)).toEqual([]);
      const cut = at % (json.length + 1);
      const [found] = jsonSyntaxProblems(json.slice(0, cut) + typed + json.slice(cut), 'several');
      if (found !== undefined) expect(found.position?.line).toBeGreaterThan(0);
    }),
  );
});
