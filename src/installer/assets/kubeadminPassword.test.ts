import bcrypt from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { kubeadminPassword } from './kubeadminPassword.ts';
import { memoryTarget } from './testing.ts';

const HASH = `$2y$05$${'abcdefghijklmnopqrstuv'}${'A'.repeat(31)}`;
const textOf = (base64: string): string => Buffer.from(base64, 'base64').toString();
const make = (files: Record<string, string>) => memoryTarget({ files }).store.fetch(kubeadminPassword);

describe('the kubeadmin password', () => {
  it('is four groups of letters and digits that nobody mixes up, with its hash', async () => {
    const { Password, PasswordHash, File } = await make({});
    expect(Password).toMatch(/^([a-km-zA-NP-Z2-9]{5}-){3}[a-km-zA-NP-Z2-9]{5}$/);
    expect(textOf(PasswordHash)).toMatch(/^\$2a\$10\$/);
    expect(await bcrypt.compare(Password, textOf(PasswordHash))).toBe(true);
    expect([File.Filename, textOf(File.Data)]).toEqual(['auth/kubeadmin-password', Password]);
  });

  it('may be given', async () => {
    const files = { 'tls/kubeadmin-password.hash': `${HASH}\n`, 'tls/kubeadmin-password': 'chosen word\n' };
    const { Password, PasswordHash, File } = await make(files);
    expect(Password).toBe('chosen word');
    expect(textOf(PasswordHash)).toBe(HASH);
    expect(textOf(File.Data)).toBe('chosen word');
  });

  it('may be given as a hash alone; then its file is empty', async () => {
    const { Password, PasswordHash, File } = await make({ 'tls/kubeadmin-password.hash': HASH });
    expect([Password, File]).toEqual(['', { Filename: 'auth/kubeadmin-password', Data: '' }]);
    expect(textOf(PasswordHash)).toBe(HASH);
  });

  it('is generated where a password is given without its hash', async () => {
    expect((await make({ 'tls/kubeadmin-password': 'chosen word' })).Password).not.toBe('chosen word');
  });

  it.each(['', 'chosen word', HASH.slice(0, -1)])('is no hash such as %j', async (text) => {
    const failure = await make({ 'tls/kubeadmin-password.hash': text }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'installer/password-hash-unusable' });
    if (text !== '') expect((failure as Error).message).not.toContain(text);
  });
});
