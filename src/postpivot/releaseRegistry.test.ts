import { describe, expect, it } from 'vitest';
import { labelsToSet } from './nodeLabels.ts';
import { mustReplaceRegistry, withRegistry } from './releaseRegistry.ts';
import { splitPublicKeys, sshMachineConfigs } from './sshAccess.ts';

describe('mustReplaceRegistry', () => {
  const facts = {
    seedRegistry: 'a.example',
    targetRegistry: 'b.example',
    seedMirrorConfigured: false,
    mirrorSources: [],
  };
  it.each([
    ['no mirrors anywhere', {}, false],
    ['the seed had mirrors and this site has none', { seedMirrorConfigured: true }, true],
    ["a mirror for the seed's registry", { mirrorSources: ['a.example'] }, false],
    ['mirrors for others only', { mirrorSources: ['c.example'] }, true],
    ['the same registry', { targetRegistry: 'a.example', seedMirrorConfigured: true }, false],
    ['no registry given', { targetRegistry: '', seedMirrorConfigured: true }, false],
  ])('%s', (_, change, expected) => {
    expect(mustReplaceRegistry({ ...facts, ...change })).toBe(expected);
  });
});

it('withRegistry replaces the registry and nothing else', () => {
  expect(withRegistry('a.example:5000/x/a.example:5000@sha256:0', 'b')).toBe('b/x/a.example:5000@sha256:0');
});

it('labelsToSet leaves out what the kubelet owns', () => {
  expect(labelsToSet({ 'kubernetes.io/hostname': 'x', 'example.com/site': '7' })).toEqual({
    'example.com/site': '7',
  });
});

it('several SSH keys in one text become entries of their own', () => {
  expect(splitPublicKeys('# comment\nssh-rsa A a\n\n ssh-ed25519 B b \n')).toEqual([
    'ssh-rsa A a',
    'ssh-ed25519 B b',
  ]);
  const [master] = sshMachineConfigs('k1\nk2');
  expect(master?.object).toMatchObject({
    metadata: { name: '99-master-ssh' },
    spec: { config: { passwd: { users: [{ name: 'core', sshAuthorizedKeys: ['k1', 'k2'] }] } } },
  });
});
