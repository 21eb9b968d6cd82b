import { expect, test } from 'vitest';
import { rebuildEtcdDataDirectory } from './temporaryEtcd.ts';
import { MemoryHost } from './testing.ts';

const options = { dataDir: '/data', name: 'n1', peerUrl: 'https://192.0.2.9:2380', token: 't' };

test.each([
  ['between the two renames', { '/data/member.replaced/wal': 'old', '/data/rebuild/ready/wal': 'new' }],
  ['after the second rename', { '/data/member.replaced/wal': 'old', '/data/member/wal': 'new' }],
  ['while the old member was removed', { '/data/member.replaced/x': '', '/data/member/wal': 'new' }],
])('a run that was cut %s is finished without another rebuild', async (_when, files) => {
  const host = new MemoryHost(files);
  await rebuildEtcdDataDirectory(host, options);
  expect(host.files.tree()).toEqual({ '/data/member/wal': 'new' });
  expect(host.commands).toEqual([]);
});
