import { expect, test } from 'vitest';
import type { InstallConfig } from '#api/installConfig.ts';
import { MemoryFiles } from '#system/testing.ts';
import { type AssetFile, type GenerateContext, stateFileEntry } from '../../asset.ts';
import { readInfrastructure } from '../../bootstrapMachine/infrastructureFiles.ts';
import { readInstallConfig } from '../../rules/readInstallConfig.ts';
import { bareMetalText, hostOf } from '../machines/testing.ts';
import { installConfigText } from '../testing.ts';
import { infrastructureVariables } from './infrastructureVariables.ts';

const IMAGE = `https://images.test/b.qcow2.gz?sha256=${'a'.repeat(64)}`;
const HOSTS = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
const MACS = { externalMACAddress: '52:54:00:00:00:01', provisioningMACAddress: '52:54:00:00:00:02' };

function configOf(text: string): InstallConfig {
  const read = readInstallConfig(text, { unknownKeys: 'error', isAgent: false });
  if (!read.ok) throw new Error(JSON.stringify(read.report));
  return read.value;
}

/** Nothing but these inputs is looked at. */
async function filesOf(config: InstallConfig): Promise<readonly AssetFile[]> {
  const inputs = {
    clusterId: { InfraID: 'lab-bcdfg' },
    installConfig: { config },
    rhcosBootstrapImage: IMAGE,
    bootstrapIgnition: { File: stateFileEntry('bootstrap.ign', '{"bootstrap":1}') },
    masterIgnition: { File: stateFileEntry('master.ign', '{"master":1}') },
  } as Parameters<typeof infrastructureVariables.generate>[0];
  return infrastructureVariables.files!(
    await infrastructureVariables.generate(inputs, {} as GenerateContext),
  );
}

test.each([
  ['none', installConfigText()],
  ['external', installConfigText({ platform: { external: { platformName: 'oci' } } })],
])('machines of platform %s are made by the user', async (name, text) => {
  await expect(filesOf(configOf(text))).rejects.toThrow(
    `cannot create the cluster because "${name}" is a UPI platform`,
  );
});

test('on bare metal the files say what the bootstrap machine is made of, to their owner only', async () => {
  const platform = { ...MACS, provisioningNetwork: 'Managed', provisioningNetworkInterface: 'eth1' };
  const files = await filesOf(configOf(bareMetalText(HOSTS, { platform })));
  expect(files.map(({ path, mode }) => [path, mode])).toEqual([
    ['terraform.tfvars.json', 0o600],
    ['terraform.platform.auto.tfvars.json', 0o600],
  ]);
  const memory = new MemoryFiles(
    Object.fromEntries(files.map(({ path, content }) => [`/d/${path}`, content])),
  );
  expect(await readInfrastructure(memory, '/d')).toEqual({
    cluster: { infraId: 'lab-bcdfg', libvirtUri: 'qemu:///system' },
    ignition: '{"bootstrap":1}',
    image: IMAGE,
    bridges: [
      { name: 'baremetal', mac: '52:54:00:00:00:01' },
      { name: 'provisioning', mac: '52:54:00:00:00:02' },
    ],
  });
});

test('without a provisioning network the machine has one card', async () => {
  const [cluster, platform] = await filesOf(configOf(bareMetalText(HOSTS, { platform: MACS })));
  expect(JSON.parse(String(platform!.content)).bridges).toEqual([
    { name: 'baremetal', mac: '52:54:00:00:00:01' },
  ]);
  expect(JSON.parse(String(cluster!.content))).toMatchObject({
    cluster_domain: 'lab.example.com',
    machine_v4_cidrs: ['192.0.2.0/24'],
    use_ipv6: false,
  });
});

test('files that were changed are refused without showing them', async () => {
  const memory = new MemoryFiles({ '/d/terraform.tfvars.json': '{"ignition_bootstrap": "KEY"' });
  await expect(readInfrastructure(memory, '/d')).rejects.toThrow(
    /^\/d\/terraform.tfvars.json: does not say what is to be made$/,
  );
});
