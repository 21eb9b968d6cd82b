import { describe, expect, it } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { type Asset, directory, link, mergeTrees, publicFile, secretFile } from './assets.ts';
import { labImages } from './identity.ts';
import { installAssets } from './install.ts';

const FOLDERS = { etc: '/mnt/deploy/etc', var: '/mnt/state/var' };
const tree = (...assets: [string, Asset][]) => new Map(assets);

describe('installAssets', () => {
  it('lays files with their modes into deployment and state', async () => {
    const host = new MemoryHost();
    const assets = tree(
      ['/etc/a/b', publicFile('open')],
      ['/var/lib/c', secretFile('hidden')],
      ['/var/lib/d', directory(0o700)],
      ['/etc/l', link('/etc/a/b')],
    );
    await installAssets(host, assets, FOLDERS);
    expect(await host.files.readText('/mnt/deploy/etc/a/b')).toBe('open');
    expect(await host.files.facts('/mnt/deploy/etc/a/b')).toMatchObject({ mode: 0o644, uid: 0, gid: 0 });
    expect(await host.files.facts('/mnt/state/var/lib/c')).toMatchObject({ mode: 0o600 });
    expect(await host.files.facts('/mnt/state/var/lib/d')).toMatchObject({ kind: 'directory', mode: 0o700 });
    expect(await host.files.readLink('/mnt/deploy/etc/l')).toBe('/etc/a/b');
  });

  it('gives files to the user they are for', async () => {
    const host = new MemoryHost();
    const assets = tree(['/var/home/core/k', { ...secretFile('key'), uid: 1000, gid: 1000 }]);
    await installAssets(host, assets, FOLDERS);
    expect(await host.files.facts('/mnt/state/var/home/core/k')).toMatchObject({ uid: 1000, gid: 1000 });
  });

  it('lays nothing outside of /etc and /var', async () => {
    const assets = tree(['/usr/bin/x', publicFile('')]);
    await expect(installAssets(new MemoryHost(), assets, FOLDERS)).rejects.toThrow('/usr/bin/x');
  });
});

describe('mergeTrees', () => {
  it('refuses a path that two trees claim', () => {
    const one = tree(['/etc/a', publicFile('1')]);
    expect(() => mergeTrees(one, tree(['/etc/a', publicFile('2')]))).toThrow('/etc/a');
    expect([...mergeTrees(one, tree(['/etc/b', publicFile('2')])).keys()]).toEqual(['/etc/a', '/etc/b']);
  });
});

describe('labImages', () => {
  it('says which image the registry lacks', () => {
    expect(() => labImages(['r.example:5000/lab/etcd:3'])).toThrow('kube-apiserver');
  });
});
