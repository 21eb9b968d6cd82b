import { describe, expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { findBootDeployment } from './deployment.ts';

const entry = (version: number, link: string): string => `version ${version}\noptions quiet ostree=${link}\n`;

async function hostWith(links: Readonly<Record<string, string>>, entries: Readonly<Record<string, string>>) {
  const files = Object.entries(entries).map(([name, text]) => [`/s/boot/loader/entries/${name}`, text]);
  const host = new MemoryHost(Object.fromEntries(files));
  for (const [path, target] of Object.entries(links)) await host.files.symlink(target, `/s${path}`);
  return host;
}

describe('findBootDeployment', () => {
  test('follows the newest entry, whatever the names of files and deployments suggest', async () => {
    const host = await hostWith(
      {
        '/ostree/boot.1/old/zzz/0': '../../../deploy/old/deploy/ffff.0',
        '/ostree/boot.1/new_1.2/aaa/0': '../../../deploy/new_1.2/deploy/0000.1',
      },
      {
        'ostree-9-old.conf': entry(9, '/ostree/boot.1/old/zzz/0'),
        'ostree-10-new.conf': entry(10, '/ostree/boot.1/new_1.2/aaa/0'),
        README: entry(99, '/nowhere'),
      },
    );
    expect(await findBootDeployment(host, '/s')).toEqual({
      stateroot: 'new_1.2',
      root: '/s/ostree/deploy/new_1.2/deploy/0000.1',
      varFolder: '/s/ostree/deploy/new_1.2/var',
      kernelArguments: ['quiet', 'ostree=/ostree/boot.1/new_1.2/aaa/0'],
    });
  });

  test.each([
    ['no entries', {}, {}],
    ['an entry of another kind of system', {}, { 'a.conf': 'version 1\noptions root=/dev/sda1\n' }],
    ['a link out of the deployments', { '/ostree/x': '/etc' }, { 'a.conf': entry(1, '/ostree/x') }],
  ])('refuses a disk with %s', async (_, links, entries) => {
    const host = await hostWith(links, entries);
    await expect(findBootDeployment(host, '/s')).rejects.toMatchObject({ code: 'machines/nothing-to-boot' });
  });
});
