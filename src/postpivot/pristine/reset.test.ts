import { describe, expect, it } from 'vitest';
import type { MemoryHost } from '#system/testing.ts';
import { RESULT } from '../paths.ts';
import { runPostPivot } from '../run.ts';
import { configIso, cutAt, reconfiguration, seedInfo, type TestHostOptions, TestWorld } from '../testing.ts';
import { describeReset, resetHost } from './reset.ts';

const NODE = '/etc/kubernetes/keys/node.key';
const ON_HOST = {
  [NODE]: 'key of the seed',
  '/etc/passwd': 'core:x:1000:1000::/home/core:/bin/bash\n',
  '/var/lib/kubelet/pki/kubelet.pem': 'certificate of the seed',
};

/** A recert that rewrites as the real one does, and then makes the rest of the boot fail. */
const rewrite = async (argv: readonly string[], files: MemoryHost['files']): Promise<void> => {
  if (!argv[0]!.endsWith('/recert')) return;
  await files.write(NODE, 'key of the clone');
  await files.remove('/var/lib/kubelet/pki');
  await files.write('/var/lib/etcd/member/snap/db', 'data of the clone');
  await files.write('/etc/kubernetes/made-by-recert', 'new');
};

const options = (): TestHostOptions => ({
  seed: seedInfo(),
  volume: configIso(
    reconfiguration({
      ssh_key: 'ssh-ed25519 AAAA a',
      node_labels: { 'example.com/never': 'set' }, // the node never registers, so the attempt fails late
      server_ssh_keys: [{ file_name: 'ssh_host_ed25519_key', file_content: 'key' }],
    }),
    { 'network-configuration/system-connections/host0.nmconnection': '[connection]\nid=host0\n' },
  ),
  files: ON_HOST,
  onCommand: rewrite,
});

const withoutRun = (world: TestWorld) =>
  Object.fromEntries(Object.entries(world.host.files.tree()).filter(([path]) => !path.startsWith('/run/')));

async function failedWorld(): Promise<{ world: TestWorld; before: Record<string, string> }> {
  const world = new TestWorld(options());
  const before = world.host.files.tree();
  await expect(runPostPivot(world)).rejects.toMatchObject({ code: 'postpivot/node-not-registered' });
  expect(world.host.files.tree()[NODE]).toBe('key of the clone');
  return { world, before };
}

describe('resetHost', () => {
  it('brings a host whose configuration failed back to how it was installed', async () => {
    const { world, before } = await failedWorld();
    await resetHost(world, { reboot: true });
    expect(world.host.files.tree()).toEqual(before);
    expect(world.host.commands.at(-1)).toEqual(['systemctl', 'reboot']);
  });

  it('starts waiting again without a reboot', async () => {
    const { world, before } = await failedWorld();
    await resetHost(world, { reboot: false });
    expect(world.host.files.tree()).toEqual(before);
    const last = world.host.commands.at(-1);
    expect(last).toEqual(['systemctl', 'start', '--no-block', 'lca-init-monitor.service']);
    expect(world.host.commands.flat()).not.toContain('reboot');
  });

  it('leaves a host on which another configuration succeeds', async () => {
    const { world } = await failedWorld();
    await resetHost(world, { reboot: false });
    const other = reconfiguration();
    await world.host.files.write('/dev/loop7', configIso(other));
    await runPostPivot(world);
    expect(JSON.parse(world.host.files.tree()[RESULT]!)).toMatchObject({
      outcome: 'succeeded',
      cluster_name: other.cluster_name,
    });
  });

  it('is finished by the next reset wherever it is cut off', { timeout: 60_000 }, async () => {
    let cuts = 0;
    for (let wasCut = true; wasCut; cuts++) {
      const { world, before } = await failedWorld();
      const restore = cutAt(world.host.files, cuts);
      await resetHost(world, { reboot: false }).catch(() => {});
      wasCut = restore();
      if (wasCut) await resetHost(world, { reboot: false });
      expect(withoutRun(world), `cut at change ${cuts}`).toEqual(before);
    }
    expect(cuts).toBeGreaterThan(15);
  });

  it('is finished by the next start of post-pivot', async () => {
    const { world } = await failedWorld();
    const restore = cutAt(world.host.files, 6);
    await expect(resetHost(world, { reboot: false })).rejects.toThrow('power cut');
    restore();
    await world.host.files.write('/dev/loop7', configIso(reconfiguration()));
    await runPostPivot(world);
    expect(world.host.files.tree()[RESULT]).toContain('"succeeded"');
  });

  it('stops containers that run, and leaves no network of a pod behind', async () => {
    const { world } = await failedWorld();
    await world.host.files.write('/run/netns/cni-1', '');
    await world.host.files.write('/run/netns/of-somebody-else', '');
    const run = world.host.run.bind(world.host);
    world.host.run = async (argv, options) => {
      const result = await run(argv, options);
      return argv[1] === 'is-active' && argv.at(-1) === 'containerd.service'
        ? { ...result, code: 0 }
        : result;
    };
    await resetHost(world, { reboot: false });
    const commands = world.host.commands.map((argv) => argv.join(' '));
    const order = [
      'systemctl stop containerd.service',
      'ip netns delete cni-1',
      'systemctl start containerd.service',
    ];
    expect(commands.filter((command) => order.includes(command))).toEqual(order);
    expect(commands.join()).not.toContain('of-somebody-else');
  });

  it('does not touch what is mounted in a tree', async () => {
    const { world } = await failedWorld();
    const { files } = world.host;
    await files.write('/proc/self/mountinfo', '1 2 0:3 / /etc/resolv.conf rw - tmpfs tmpfs rw\n');
    await files.write('/etc/resolv.conf', 'nameserver 192.0.2.1');
    await resetHost(world, { reboot: true });
    expect(files.tree()['/etc/resolv.conf']).toBe('nameserver 192.0.2.1');
  });

  it('refuses on a host that has its own cluster, whose copy is gone', async () => {
    const world = new TestWorld({ ...options(), volume: configIso(reconfiguration()) });
    await runPostPivot(world);
    const after = world.host.files.tree();
    expect(Object.values(after)).not.toContain('key of the seed');
    const commands = world.host.commands.length;
    await expect(resetHost(world, { reboot: true })).rejects.toMatchObject({
      code: 'postpivot/no-pristine-copy',
      hint: expect.stringContaining('install the disk again'),
    });
    await expect(describeReset(world)).rejects.toMatchObject({ code: 'postpivot/no-pristine-copy' });
    expect(world.host.files.tree()).toEqual(after);
    expect(world.host.commands).toHaveLength(commands);
  });

  it('refuses on a host that waits already', async () => {
    const world = new TestWorld(options());
    await expect(resetHost(world, { reboot: true })).rejects.toMatchObject({
      message: expect.stringContaining('no configuration was applied'),
    });
    expect(world.host.commands).toEqual([]);
  });
});

describe('the pristine copy', () => {
  it('is there before the first change, whole, and only for root', async () => {
    let copyAtRecert: Record<string, string> = {};
    let mode: number | undefined;
    const world = new TestWorld({
      ...options(),
      onCommand: async (argv, files) => {
        if (!argv[0]!.endsWith('/recert')) return;
        copyAtRecert = files.tree();
        mode = (await files.facts('/var/lib/lca/pristine'))?.mode;
      },
    });
    await runPostPivot(world).catch(() => {});
    expect(mode).toBe(0o700);
    expect(copyAtRecert).toMatchObject({
      '/var/lib/lca/pristine/etc/kubernetes/keys/node.key': 'key of the seed',
      '/var/lib/lca/pristine/etcd/member/snap/db': 'data of the seed',
      '/var/lib/lca/pristine/kubelet/pki/kubelet.pem': 'certificate of the seed',
    });
    expect(copyAtRecert).not.toHaveProperty(['/var/lib/lca/pristine/kubelet/config.json']);
  });

  it('is not begun where there is no space for it', async () => {
    const world = new TestWorld({ ...options(), freeBytes: 1024 });
    await expect(runPostPivot(world)).rejects.toMatchObject({
      code: 'postpivot/no-space',
      hint: expect.stringContaining('nothing of the cluster was changed'),
    });
    const tree = world.host.files.tree();
    expect(tree).toMatchObject(ON_HOST);
    expect(Object.keys(tree).filter((path) => path.includes('pristine'))).toEqual([]);
    expect(world.recertRuns).toBe(0);
  });
});
