import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { causeChain, Failure } from './failure.ts';
import { Secret } from './secret.ts';

test('a secret reads <redacted> however it is printed', () => {
  const secret = new Secret('hunter2');
  const printed = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }),
    format('%s %o', secret, secret),
  ];
  for (const text of printed) {
    expect(text).toContain('<redacted>');
    expect(text).not.toContain('hunter2');
  }
  expect(secret.reveal()).toBe('hunter2');
});

test('the chain of causes runs from the outermost to the innermost message', () => {
  const inner = new Error('connection refused');
  const outer = new Failure({ code: 'a/b', message: 'could not read etcd', cause: inner });
  expect(causeChain(outer)).toEqual(['could not read etcd', 'connection refused']);
});
