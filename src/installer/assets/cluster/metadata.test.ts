import { expect, test } from 'vitest';
import type { InstallConfig } from '#api/installConfig.ts';
import type { GenerateContext } from '../../asset.ts';
import { readInstallConfig } from '../../rules/readInstallConfig.ts';
import { bareMetalText, hostOf } from '../machines/testing.ts';
import { installConfigText } from '../testing.ts';
import { metadata } from './metadata.ts';

const ID = { UUID: '6f1f7d04-0b4c-4d3c-9d0e-3f4f5f6f7f80', InfraID: 'lab-bcdfg' };

function configOf(text: string): InstallConfig {
  const read = readInstallConfig(text, { unknownKeys: 'error', isAgent: false });
  if (!read.ok) throw new Error(JSON.stringify(read.report));
  return read.value;
}

/** Nothing of the bootstrap machine's config is looked at: metadata.json is there if that could be made. */
async function metadataOf(config: InstallConfig): Promise<string> {
  const inputs = { clusterId: ID, installConfig: { config } } as Parameters<typeof metadata.generate>[0];
  const { File } = await metadata.generate(inputs, {} as GenerateContext);
  return Buffer.from(File.Data, 'base64').toString();
}

test('without a platform that could be destroyed there is no member for it', async () => {
  expect(await metadataOf(configOf(installConfigText()))).toBe(
    `{"clusterName":"lab","clusterID":"${ID.UUID}","infraID":"lab-bcdfg","featureSet":"","customFeatureSet":null}`,
  );
});

test('bare metal has what is needed to find its bootstrap machine', async () => {
  const platform = { provisioningNetwork: 'Managed', provisioningNetworkInterface: 'eth1' };
  const hosts = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
  const text = await metadataOf(configOf(bareMetalText(hosts, { platform })));
  expect(JSON.parse(text).baremetal).toEqual({
    libvirtURI: 'qemu:///system',
    bootstrapProvisioningIP: '172.22.0.2',
    provisioningHostIP: '172.22.0.3',
  });
});

test.each([
  [['A=true', 'B=false', 'C=1'], { enabled: ['A', 'C'], disabled: ['B'] }],
  [['B=false'], { disabled: ['B'] }],
])('gates that are set one by one are listed: %j', async (featureGates, expected) => {
  const config = { ...configOf(installConfigText()), featureSet: 'CustomNoUpgrade', featureGates };
  expect(JSON.parse(await metadataOf(config)).customFeatureSet).toEqual(expected);
});
