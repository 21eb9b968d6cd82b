import { expect, it } from 'vitest';
import { memoryTarget } from '../testing.ts';
import { ironicCredentials } from './ironicCredentials.ts';

it('makes a new password of 16 letters and digits each time', async () => {
  const [one, other] = await Promise.all([
    memoryTarget({}).store.fetch(ironicCredentials),
    memoryTarget({}).store.fetch(ironicCredentials),
  ]);
  expect(one).toEqual({
    Username: 'bootstrap-user',
    Password: expect.stringMatching(/^[A-Za-z0-9]{16}$/) as unknown,
    Salt: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/) as unknown,
  });
  expect(one.Password).not.toBe(other.Password);
});
