import { describe, expect, test } from 'vitest';
import { silentLogger } from '#base/logger.ts';
import { MemoryHost } from '#system/testing.ts';
import { destroyBootstrapDomain, destroyBootstrapPool } from '../destroy/libvirtBootstrap.ts';
import { makeBootstrapMachine } from './makeBootstrapMachine.ts';
import { emptyLibvirt, type LibvirtState, virshAnswer } from './testing.ts';
import type { Libvirt } from './virsh.ts';

const NAME = 'bm-pthx5-bootstrap';
const IMAGE = '/cache/image.qcow2';
const PARTS = {
  image: IMAGE,
  ignition: '{"key":"secret"}',
  bridges: [{ name: 'baremetal', mac: '52:54:00:00:00:01' }],
  env: {},
};

/** `dies`: at this command, counted from 1; the command itself is not carried out. */
function libvirtWith(state: LibvirtState, dies = 0): { libvirt: Libvirt; host: MemoryHost } {
  const host: MemoryHost = new MemoryHost({ [IMAGE]: 'disk' }, (argv) => {
    if (host.commands.length === dies) throw new Error('killed');
    return virshAnswer(state, argv, (path) => host.files.tree()[path]!);
  });
  const cluster = { infraId: 'bm-pthx5', libvirtUri: 'qemu:///system' };
  return { host, libvirt: { host, cluster, logger: silentLogger } };
}
const make = ({ libvirt, host }: ReturnType<typeof libvirtWith>, parts = PARTS): Promise<void> =>
  makeBootstrapMachine(libvirt, parts, { files: host.files, folder: '/dir' });

const whole = async (): Promise<LibvirtState> => {
  const state = emptyLibvirt();
  await make(libvirtWith(state));
  return state;
};

describe('a bootstrap machine', () => {
  test('runs with a disk over the image, and its Ignition config beside it', async () => {
    const { pools, domains } = await whole();
    expect(pools).toEqual({
      [NAME]: {
        isActive: true,
        volumes: {
          [`${NAME}-base`]: '4 --format qcow2 = disk',
          [NAME]: `32GiB --format qcow2 --backing-vol ${NAME}-base --backing-vol-format qcow2`,
          [`${NAME}.ign`]: '16 --format raw = {"key":"secret"}',
        },
      },
    });
    expect(Object.keys(domains)).toEqual([NAME]);
    expect(domains[NAME]!.isRunning).toBe(true);
  });

  test('leaves no file with keys, and no keys in a command', async () => {
    const given = libvirtWith(emptyLibvirt());
    await make(given);
    expect(Object.keys(given.host.files.tree())).toEqual([IMAGE]);
    expect(given.host.commands.flat().join(' ')).not.toContain('secret');
  });

  test('is completed by the next run, wherever one was killed', async () => {
    const first = libvirtWith(emptyLibvirt());
    await make(first);
    const expected = await whole();
    for (let dies = 1; dies <= first.host.commands.length; dies++) {
      const state = emptyLibvirt();
      await expect(make(libvirtWith(state, dies))).rejects.toThrow('killed');
      await make(libvirtWith(state));
      expect([dies, state]).toEqual([dies, expected]);
    }
  });

  test('that runs is left alone', async () => {
    const state = await whole();
    const again = libvirtWith(state);
    await make(again);
    expect(again.host.commands.map((argv) => argv[3])).toEqual(['list', 'list']);
  });

  test('is what destroy bootstrap removes', async () => {
    const state = await whole();
    const { libvirt } = libvirtWith(state);
    await destroyBootstrapDomain(libvirt);
    await destroyBootstrapPool(libvirt);
    expect(state).toEqual(emptyLibvirt());
  });

  test('without hardware for it is of the kind that the environment says', async () => {
    const state = emptyLibvirt();
    const env = { TERRAFORM_LIBVIRT_TEST_DOMAIN_TYPE: 'qemu', TF_LIBVIRT_RNG_DEV: '/dev/hwrng' };
    await make(libvirtWith(state), { ...PARTS, env } as typeof PARTS);
    expect(state.domains[NAME]!.xml).toContain('<domain type="qemu">');
    expect(state.domains[NAME]!.xml).toContain('<cpu mode="maximum"/>');
    expect(state.domains[NAME]!.xml).toContain('>/dev/hwrng</backend>');
  });
});
