import { describe, expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { cgroupProcesses, createCgroup, listCgroups } from './cgroups.ts';

const mountLine = (target: string, type: string, options: string): string =>
  `31 23 0:28 / ${target} rw,relatime - ${type} ${type} ${options}\n`;
const v2 = mountLine('/sys/fs/cgroup', 'cgroup2', 'rw,nsdelegate');
const v1 =
  mountLine('/sys/fs/cgroup/memory', 'cgroup', 'rw,memory') +
  mountLine('/sys/fs/cgroup/cpuset', 'cgroup', 'rw,cpuset') +
  mountLine('/elsewhere', 'cgroup', 'rw,memory');

/** Plays the part of `tee`, and keeps the order of what was written. */
function kernel(files: Readonly<Record<string, string>>): { host: MemoryHost; written: string[] } {
  const written: string[] = [];
  const host = new MemoryHost(files, (argv, options) => {
    if (argv[0] === 'tee') written.push(`${argv[1]} <- ${options.input}`);
    return {};
  });
  return { host, written };
}

describe('createCgroup', () => {
  test('on a v2 machine hands the controllers on, from the root down, that are not handed on yet', async () => {
    const { host, written } = kernel({
      '/proc/self/mountinfo': v2,
      '/sys/fs/cgroup/cgroup.controllers': 'cpu memory\n',
      '/sys/fs/cgroup/cgroup.subtree_control': 'memory\n',
      '/sys/fs/cgroup/a/cgroup.controllers': 'cpu memory\n',
      '/sys/fs/cgroup/a/cgroup.subtree_control': '\n',
    });
    expect(await createCgroup(host, 'a/b')).toEqual(['/sys/fs/cgroup/a/b']);
    expect(written).toEqual([
      '/sys/fs/cgroup/cgroup.subtree_control <- +cpu',
      '/sys/fs/cgroup/a/cgroup.subtree_control <- +cpu',
      '/sys/fs/cgroup/a/cgroup.subtree_control <- +memory',
    ]);
  });

  test('on a v1 machine gives a new cpuset what its parent has, or no process could enter it', async () => {
    const { host, written } = kernel({
      '/proc/self/mountinfo': v1,
      '/sys/fs/cgroup/cpuset/cpuset.cpus': '0-3\n',
      '/sys/fs/cgroup/cpuset/cpuset.mems': '0\n',
      '/sys/fs/cgroup/cpuset/a/cpuset.cpus': '\n',
      '/sys/fs/cgroup/cpuset/a/cpuset.mems': '1\n',
    });
    expect(await createCgroup(host, 'a')).toEqual(['/sys/fs/cgroup/memory/a', '/sys/fs/cgroup/cpuset/a']);
    expect(written).toEqual([
      '/sys/fs/cgroup/cpuset/a/cpuset.cpus <- 0-3\n',
      '/sys/fs/cgroup/cpuset/a/cgroup.clone_children <- 1',
    ]);
  });
});

test('processes and directories come from all hierarchies and all depths', async () => {
  const host = new MemoryHost({
    '/proc/self/mountinfo': v1,
    '/sys/fs/cgroup/memory/a/cgroup.procs': '5\n',
    '/sys/fs/cgroup/memory/a/x/cgroup.procs': '6\n0\n',
    '/sys/fs/cgroup/cpuset/a/cgroup.procs': '5\n7\n',
    '/sys/fs/cgroup/cpuset/ab/cgroup.procs': '8\n',
  });
  expect((await cgroupProcesses(host, 'a')).sort()).toEqual([5, 6, 7]);
  expect(await listCgroups(host, 'a')).toEqual([
    '/sys/fs/cgroup/memory/a/x',
    '/sys/fs/cgroup/memory/a',
    '/sys/fs/cgroup/cpuset/a',
  ]);
});
