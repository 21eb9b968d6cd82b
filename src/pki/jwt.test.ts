import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import { jwtKeyId, parseJwt, resignJwt, signJwt, verifyJwt } from './jwt.ts';
import { ecKey, ed25519Key, rsaKey } from './testing.ts';

const rsa = rsaKey(2048);
const keys = [rsa, ecKey(), ecKey('P-384')];
const segment = (text: string): string => Buffer.from(text).toString('base64url');
const headerText = (token: string): string => Buffer.from(token.split('.')[0]!, 'base64url').toString();

test.each(keys)('a signed token is verified by its key only (%#)', (key) => {
  const token = parseJwt(signJwt({ sub: 'system:serviceaccount:a:b' }, key))!;
  expect(token.payload).toEqual({ sub: 'system:serviceaccount:a:b' });
  expect(token.header['kid']).toBe(jwtKeyId(key));
  expect([...keys, ecKey()].filter((other) => verifyJwt(token, other))).toEqual([key]);
});

test('a changed token is not verified', () => {
  const [header, , signature] = signJwt({ sub: 'a' }, rsa).split('.');
  expect(verifyJwt(parseJwt(`${header}.${segment('{"sub":"b"}')}.${signature}`)!, rsa)).toBe(false);
});

test('re-signing keeps the payload bytes and the places of the header fields', () => {
  const payload = segment('{ "n": 9007199254740993,\n"a":1.0, "n":2}');
  const old = parseJwt(`${segment('{"kid":"x", "typ":"JWT","alg":"RS512"}')}.${payload}.AAAA`)!;
  const token = resignJwt(old, rsa);
  expect(token.split('.')[1]).toBe(payload);
  expect(headerText(token)).toBe(`{"kid":"${jwtKeyId(rsa)}","typ":"JWT","alg":"RS512"}`);
  expect(verifyJwt(parseJwt(token)!, rsa)).toBe(true);
});

test('the algorithm follows a key of another type; a missing kid comes last', () => {
  const old = parseJwt(`${segment('{"alg":"RS256"}')}.${segment('{}')}.AAAA`)!;
  expect(headerText(resignJwt(old, keys[2]!))).toBe(`{"alg":"ES384","kid":"${jwtKeyId(keys[2]!)}"}`);
});

test.each([
  ['two segments', `${segment('{}')}.${segment('{}')}`],
  ['four segments', `${segment('{}')}.${segment('{}')}.AAAA.AAAA`],
  ['padding', `${segment('{"a":1}')}.${segment('{}')}.AA==`],
  ['a newline at the end', `${segment('{}')}.${segment('{}')}.AAAA\n`],
  ['stray bits', `${segment('{}')}.${segment('{}')}.AB`],
  ['a header that is no JSON', 'console.apps.example'],
  ['a payload that is no object', `${segment('{}')}.${segment('[]')}.AAAA`],
])('a text with %s is no token', (_, text) => {
  expect(parseJwt(text)).toBeUndefined();
});

test('any text is a token or none, without an error', () => {
  const part = fc.oneof(
    fc.constantFrom(segment('{}'), segment('null'), '.', ''),
    fc.base64String(),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const token = parseJwt(parts.join('.'));
      if (token !== undefined) expect(verifyJwt(token, rsa)).toBe(false);
    }),
  );
});

test('no token is signed with a key that Kubernetes does not take', () => {
  expect(() => signJwt({}, ed25519Key())).toThrow(Failure);
});
