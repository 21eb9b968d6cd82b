import { expect, test } from 'vitest';
import { findContainerStore, parseContainerStore, renderContainerStore } from './containerStorePlace.ts';
import { MemoryFiles } from './testing.ts';

const CONTAINERD = { '/d/usr/bin/containerd': '' };

test.each([
  [{ ...CONTAINERD, '/d/usr/bin/crio': '' }, 'podman'],
  [{}, 'podman'],
  [CONTAINERD, 'containerd:/var/lib/containerd'],
  [
    { ...CONTAINERD, '/d/etc/containerd/config.toml': 'version = 2\nroot = "/data/c"\n' },
    'containerd:/data/c',
  ],
])('what is installed decides, and the label says the same: %j', async (files, label) => {
  const place = await findContainerStore(new MemoryFiles(files), '/d');
  expect(renderContainerStore(place)).toBe(label);
  expect(parseContainerStore(label)).toEqual(place);
});

test.each([undefined, '', 'docker', 'containerd:', 'containerd:relative', 'containerd:/a/../../etc'])(
  'the label %j says nothing',
  (label) => expect(parseContainerStore(label)).toBeUndefined(),
);
