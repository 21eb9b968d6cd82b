import { expect, test } from 'vitest';
import type { BlockDevice } from '#system/disk.ts';
import type { Answer } from '#system/testing.ts';
import { type PreparedDisk, prepareDisk, releaseDisk } from './prepareDisk.ts';
import { ibiContext } from './testing.ts';

const GIB = 1024 ** 3;
const disk: BlockDevice = {
  ...{ path: '/dev/sdb', type: 'disk', device: '8:16', sizeBytes: 120 * GIB },
  ...{ readOnly: false, mountPoints: [], children: [] },
};
const prepared = (): PreparedDisk => ({
  target: {
    disk,
    sectorSize: 512,
    method: { kind: 'coreos-installer' },
    rootMount: '/mnt',
    containersMount: '/var/lib/containers',
  },
  partitions: [],
});

/** A disk as coreos-installer leaves it, with the extra partition; a host without SELinux whose kernel makes no nodes. */
const answer: Answer = (argv) => {
  const names = ['BIOS-BOOT', 'EFI-SYSTEM', 'boot', 'root', 'var-lib-containers'];
  const partitions = names.map((name, i) => ({
    node: `/dev/sdb${i + 1}`,
    name,
    start: i * 2048,
    size: 2048,
  }));
  if (argv.includes('--json'))
    return { stdout: JSON.stringify({ partitiontable: { sectorsize: 512, partitions } }) };
  if (argv[0] === 'losetup' && argv.includes('--find')) return { stdout: `/dev/loop-${argv[4]}\n` };
  return {};
};
const mountInfo = { '/proc/self/mountinfo': '' };

const words = (commands: readonly (readonly string[])[]): string[] =>
  commands
    .map((argv) => argv.join(' '))
    .filter((line) => !line.startsWith('sfdisk --json') && !line.startsWith('losetup'));

test('the disk is written and partitioned as the original does it', async () => {
  const context = ibiContext({ coreosInstallerArgs: ['--save-partlabel', 'data'] }, mountInfo, answer);
  await prepareDisk(context, prepared());
  expect(words(context.host.commands)).toEqual([
    'coreos-installer install /dev/sdb --save-partlabel data',
    'sfdisk --quiet --append /dev/sdb',
    'udevadm settle',
    'growpart /dev/sdb 4',
    `mount /dev/loop-${3 * 2048 * 512} /mnt`,
    `mount /dev/loop-${2 * 2048 * 512} /mnt/boot`,
    'xfs_growfs /mnt',
    `mkfs.xfs -q -f -K /dev/loop-${4 * 2048 * 512}`,
    `mount /dev/loop-${4 * 2048 * 512} /var/lib/containers`,
  ]);
});

test('with a containers folder there is no extra partition, and the root is grown and mounted all the same', async () => {
  const context = ibiContext({ useContainersFolder: true }, mountInfo, answer);
  await prepareDisk(context, prepared());
  const commands = words(context.host.commands);
  expect(commands).not.toContainEqual(expect.stringMatching(/^(sfdisk|mkfs)/));
  expect(commands).toContain('growpart /dev/sdb 4');
  expect(commands).toContain('mount -o bind /mnt/containers /var/lib/containers');
});

test('a failure half-way leaves what was opened in the record, and it is released once', async () => {
  const context = ibiContext({}, mountInfo, (argv, options) =>
    argv[0] === 'xfs_growfs' ? { code: 1, stderr: 'no' } : answer(argv, options),
  );
  const half = prepared();
  await expect(prepareDisk(context, half)).rejects.toThrow('xfs_growfs');
  expect(half.partitions).toHaveLength(2);
  await releaseDisk(context, half);
  await releaseDisk(context, half);
  const detached = context.host.commands
    .filter((argv) => argv.includes('--detach'))
    .map((argv) => argv.at(-1));
  expect(detached.sort()).toEqual([`/dev/loop-${2 * 2048 * 512}`, `/dev/loop-${3 * 2048 * 512}`]);
});
