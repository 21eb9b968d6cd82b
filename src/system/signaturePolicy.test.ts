import { expect, test } from 'vitest';
import { demandsSignature } from './signaturePolicy.ts';

const anything = [{ type: 'insecureAcceptAnything' }];
const signed = [{ type: 'signedBy' }];
const policy = (scopes: Record<string, unknown>, fallback: unknown = anything): string =>
  JSON.stringify({ default: fallback, transports: { docker: scopes } });

test.each([
  ['the default', policy({}), false],
  ['a default that refuses', policy({}, [{ type: 'reject' }]), true],
  ['the registry', policy({ 'r.test': signed }), true],
  [
    'a folder of it, more particular than the registry',
    policy({ 'r.test': signed, 'r.test/a': anything }),
    false,
  ],
  ['the repository itself', policy({ 'r.test/a': anything, 'r.test/a/b': signed }), true],
  ['another registry', policy({ 'q.test': signed }), false],
  ['the domain', policy({ '*.test': signed }), true],
  ['everything', policy({ '': signed }), true],
  ['another transport', JSON.stringify({ default: anything, transports: { atomic: { '': signed } } }), false],
  ['no policy at all', '{}', true],
  ['no JSON', 'x', true],
])('%s decides', (_, text, demanded) => expect(demandsSignature(text, 'r.test', 'a/b')).toBe(demanded));
