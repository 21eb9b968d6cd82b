import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AssetFile } from '#installer/asset.ts';
import { masterIgnitionCustomizations } from '#installer/assets/ignition/ignitionCustomizations.ts';
import {
  arbiterIgnition,
  masterIgnition,
  workerIgnition,
} from '#installer/assets/ignition/pointerIgnition.ts';
import { masterMachines } from '#installer/assets/machines/masterMachines.ts';
import { bareMetalText, hostOf } from '#installer/assets/machines/testing.ts';
import { installConfigText, memoryTarget, networkingOf } from '#installer/assets/testing.ts';
import { localHost } from '#system/localHost.ts';

/** The judge is Ignition's own validator: it must accept everything that a machine will read. */

const SSH = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFreJDaT8QSL4atRC/gZJczO0VUsFdH++OXoZXfXo/eG a@b';
const MASTERS = ['m0', 'm1'].map((name) => hostOf(name));

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sower-pointer-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** @throws Failure with what the validator says */
async function validate(config: string): Promise<void> {
  const path = join(folder, 'config.ign');
  await writeFile(path, config);
  await localHost.run(['ignition-validate', path]);
}

const textOf = (file: AssetFile): string => Buffer.from(file.content as Uint8Array).toString('utf8');

/** The Ignition config of a MachineConfig. */
const configOf = (file: AssetFile): string => JSON.stringify(parse(textOf(file)).spec.config);

it.each([
  ['api-int of a name', installConfigText()],
  ['an IPv4 address', bareMetalText([...MASTERS, hostOf('m2')])],
  [
    'an IPv6 address and an arbiter',
    bareMetalText([...MASTERS, hostOf('a', { role: 'arbiter' })], {
      platform: { apiVIPs: ['2001:db8::5'], ingressVIPs: ['2001:db8::6'] },
      config: {
        networking: networkingOf({
          machineNetwork: [{ cidr: '2001:db8::/64' }],
          clusterNetwork: [{ cidr: 'fd01::/48', hostPrefix: 64 }],
          serviceNetwork: ['fd02::/112'],
        }),
        featureSet: 'TechPreviewNoUpgrade',
        controlPlane: { name: 'master', replicas: 2 },
        arbiter: { name: 'arbiter', replicas: 1 },
      },
    }),
  ],
])('pointer configs with %s are valid', async (_, config) => {
  const { store } = memoryTarget({ files: { 'install-config.yaml': config } });
  for (const asset of [masterIgnition, arbiterIgnition, workerIgnition]) {
    for (const file of asset.files!(await store.fetch(asset))) await validate(textOf(file));
  }
});

it('finds fault with a config that is none', async () => {
  await expect(
    validate('{"ignition":{"version":"3.2.0"},"storage":{"files":[{"path":"x"}]}}'),
  ).rejects.toThrow();
});

it('what is left of an edited pointer config is valid, and so are the configs in MachineConfigs', async () => {
  const config = installConfigText({
    sshKey: SSH,
    controlPlane: { name: 'master', replicas: 1, hyperthreading: 'Disabled' },
  });
  const first = memoryTarget({ files: { 'install-config.yaml': config } });
  const machines = masterMachines.files!(await first.store.fetch(masterMachines));
  const machineConfigs = machines.filter(({ path }) => path.includes('machineconfig'));
  expect(machineConfigs).toHaveLength(2);
  for (const file of machineConfigs) await validate(configOf(file));

  const [pointer] = masterIgnition.files!(await first.store.fetch(masterIgnition));
  const edited = JSON.stringify({
    ...JSON.parse(textOf(pointer!)),
    storage: { files: [{ path: '/etc/site', contents: { source: 'data:,one' } }] },
  });
  const { store } = memoryTarget({ files: { 'master.ign': edited }, state: await first.store.values() });
  const [kept] = masterIgnitionCustomizations.files!(await store.fetch(masterIgnitionCustomizations));
  await validate(configOf(kept!));
});
