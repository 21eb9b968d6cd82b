import { describe, expect, it } from 'vitest';
import { emptyIgnition, type IgnitionConfig, ignitionFile } from '#api/ignition.ts';
import { Failure } from '#base/failure.ts';
import { overrideIgnition } from './ignitionMerge.ts';

const BASE: IgnitionConfig = {
  ...emptyIgnition(),
  passwd: { users: [{ name: 'core', sshAuthorizedKeys: ['one'] }] },
  storage: { files: [ignitionFile('/etc/a', 0o644, 'a')] },
};

const override = (sections: object): IgnitionConfig =>
  overrideIgnition(BASE, JSON.stringify({ ignition: { version: '3.1.0' }, ...sections }));

describe('an override', () => {
  it('that is empty changes nothing', () => {
    expect(overrideIgnition(BASE, '')).toBe(BASE);
    expect(override({})).toEqual(BASE);
  });

  it('joins what has no name and matches what has one', () => {
    const users = [{ name: 'core', sshAuthorizedKeys: ['two', 'one'], shell: '/bin/zsh' }, { name: 'other' }];
    expect(override({ passwd: { users } }).passwd['users']).toEqual([
      { name: 'core', sshAuthorizedKeys: ['one', 'two'], shell: '/bin/zsh' },
      { name: 'other' },
    ]);
  });

  it('wins in the members that it has', () => {
    const [file, ...more] = override({ storage: { files: [{ path: '/etc/a', mode: 0o600 }] } }).storage
      .files!;
    expect(file).toEqual({ ...BASE.storage.files![0], mode: 0o600 });
    expect(more).toEqual([]);
  });

  it('may put a link or directory where a file was', () => {
    const { storage } = override({ storage: { links: [{ path: '/etc/a', target: '/etc/b' }] } });
    expect(storage.files).toEqual([]);
    expect(storage['links']).toEqual([{ path: '/etc/a', target: '/etc/b' }]);
  });

  it.each([
    ['{', 'config is not valid'],
    ['[]', 'config is not valid'],
    ['{}', 'unsupported config version'],
    ['{"ignition":{"version":"2.2.0"}}', 'unsupported config version'],
    ['{"ignition":{"version":"3.3.0"}}', 'unsupported config version'],
    [
      '{"ignition":{"version":"3.2.0"},"storage":{"files":["hunter2"]}}',
      'storage.files is no list of mappings',
    ],
    ['{"ignition":{"version":"3.2.0"},"systemd":[]}', 'systemd is no mapping'],
  ])('is refused where it is %s', (text, says) => {
    const refusal = (): unknown => overrideIgnition(BASE, text);
    expect(refusal).toThrow(Failure);
    expect(refusal).toThrow(`failed to override ignition config: failed to parse ignition config override: `);
    expect(refusal).toThrow(says);
    expect(refusal).not.toThrow('hunter2');
  });
});
