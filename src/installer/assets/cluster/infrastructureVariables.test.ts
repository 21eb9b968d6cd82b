import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import { bareMetalText, hostOf } from '../machines/testing.ts';
import { installConfigText, memoryTarget } from '../testing.ts';
import { infrastructureVariables } from './infrastructureVariables.ts';

async function refusalOf(config: string): Promise<Failure> {
  const { store } = memoryTarget({ files: { 'install-config.yaml': config } });
  const failure = await store.fetch(infrastructureVariables).catch((cause: unknown) => cause);
  if (!(failure instanceof Failure)) throw new Error('it was not refused');
  return failure;
}

test.each([
  ['none', installConfigText()],
  ['external', installConfigText({ platform: { external: { platformName: 'oci' } } })],
])('machines of platform %s are made by the user', async (name, config) => {
  expect((await refusalOf(config)).message).toBe(
    `failed to fetch Cluster Infrastructure Variables: failed to generate asset "Cluster Infrastructure Variables": cannot create the cluster because "${name}" is a UPI platform`,
  );
});

test('on bare metal the user is told what the bootstrap machine is made of', async () => {
  const image = `http://192.0.2.1/image.qcow2.gz?sha256=${'a'.repeat(64)}`;
  const hosts = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
  const refusal = await refusalOf(
    bareMetalText(hosts, {
      platform: {
        bootstrapOSImage: image,
        provisioningNetwork: 'Unmanaged',
        provisioningNetworkInterface: 'eth1',
      },
    }),
  );
  expect(refusal.message).toMatch(/libvirt machine "lab-.....-bootstrap" at qemu:\/\/\/system/);
  expect(refusal.hint).toContain(`from ${image} with bootstrap.ign`);
});

test('the Machine API is missed first', async () => {
  const capabilities = { baselineCapabilitySet: 'None', additionalEnabledCapabilities: ['Ingress'] };
  expect((await refusalOf(installConfigText({ capabilities }))).message).toContain(
    'IPI requires MachineAPI capability',
  );
});
