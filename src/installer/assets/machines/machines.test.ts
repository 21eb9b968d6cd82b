import { describe, expect, test } from 'vitest';
import type { Asset, AssetFile } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfigText, memoryTarget } from '../testing.ts';
import { arbiterMachines } from './arbiterMachines.ts';
import { masterMachines } from './masterMachines.ts';
import { bareMetalText, documentOf, hostOf, namesOf } from './testing.ts';
import { workerMachines } from './workerMachines.ts';

async function filesOf(
  asset: Asset<FileListValue, never>,
  config: string,
  files: Readonly<Record<string, string>> = {},
): Promise<readonly AssetFile[]> {
  const { store } = memoryTarget({ files: { 'install-config.yaml': config, ...files } });
  return asset.files!(await store.fetch(asset));
}

const masters = (config: string) => filesOf(masterMachines as never, config);
const workers = (config: string) => filesOf(workerMachines as never, config);
const arbiters = (config: string) => filesOf(arbiterMachines as never, config);

const THREE = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
const SSH = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFreJDaT8QSL4atRC/gZJczO0VUsFdH++OXoZXfXo/eG a@b';

describe('on a platform without managed machines', () => {
  test('there are a Secret for the pointer and nothing else, if nothing else is wanted', async () => {
    expect(namesOf(await masters(installConfigText()))).toEqual(['cluster-api_master-user-data-secret.yaml']);
    expect(namesOf(await workers(installConfigText()))).toEqual(['cluster-api_worker-user-data-secret.yaml']);
    expect(await arbiters(installConfigText())).toEqual([]);
  });

  test('the names of MachineConfigs have the role', async () => {
    const files = await workers(installConfigText({ sshKey: SSH }));
    expect(namesOf(files).slice(1)).toEqual(['machineconfig_99-worker-ssh.yaml']);
  });
});

describe('a single node', () => {
  const external = { platform: { external: { platformName: 'oci' } } };
  const bootstrapInPlace = { installationDisk: '/dev/vda' };

  test('needs to be its own bootstrap machine on platform external', async () => {
    const inPlace = installConfigText({ ...external, bootstrapInPlace });
    expect(namesOf(await masters(inPlace))).toEqual(['cluster-api_master-user-data-secret.yaml']);
    await expect(masters(installConfigText(external))).rejects.toThrow(
      'failed to generate asset "Master Machines": this install method does not support Single Node installation on platform external',
    );
  });

  test('is no cluster on bare metal, in place or not', async () => {
    const config = { controlPlane: { name: 'master', replicas: 1 }, bootstrapInPlace };
    await expect(masters(bareMetalText([hostOf('m')], { config }))).rejects.toThrow(
      'this install method does not support Single Node installation on platform baremetal',
    );
  });
});

describe('on bare metal', () => {
  test('indexes have as many digits as the number of hosts', async () => {
    const spare = Array.from({ length: 7 }, (_, i) => hostOf(`w${i}`, { role: 'worker' }));
    const names = namesOf(await masters(bareMetalText([...THREE, ...spare])));
    expect(names.filter((name) => name.includes('_hosts'))).toEqual(
      ['00', '01', '02', '03', '04', '05', '06', '07', '08', '09'].map((i) => `cluster-api_hosts-${i}.yaml`),
    );
    expect(names.filter((name) => name.includes('master-machines'))).toEqual(
      [0, 1, 2].map((i) => `cluster-api_master-machines-${i}.yaml`),
    );
    expect(names.indexOf('cluster-api_host-bmc-secrets-00.yaml')).toBeLessThan(
      names.indexOf('cluster-api_hosts-00.yaml'),
    );
  });

  test('a host of the control plane has its Machine, and a spare one waits', async () => {
    const files = await masters(bareMetalText([hostOf('w', { role: 'worker' }), ...THREE]));
    const machine = documentOf(files, 'master-machines-1.yaml')['metadata'] as unknown as { name: string };
    expect(machine.name).toMatch(/^lab-.....-master-1$/);
    expect(documentOf(files, '_hosts-2.yaml')).toMatchObject({
      metadata: { name: 'm1', labels: { 'installer.openshift.io/role': 'control-plane' } },
      spec: { consumerRef: { name: machine.name }, userData: { name: 'master-user-data-managed' } },
    });
    const waiting = documentOf(files, '_hosts-0.yaml') as Readonly<Record<string, object>>;
    expect(waiting).toMatchObject({
      metadata: { name: 'w', annotations: { 'baremetalhost.metal3.io/paused': '' } },
    });
    expect(Object.keys(waiting['spec']!)).not.toContain('consumerRef');
    expect(Object.keys(waiting['metadata']!)).not.toContain('labels');
  });

  test('what is false or zero by intent is said, what was not given is not', async () => {
    const hints = { rotational: false, minSizeGigabytes: 0, deviceName: '/dev/sda' };
    const files = await masters(bareMetalText([hostOf('m', { rootDeviceHints: hints }), ...THREE]));
    const { spec } = documentOf(files, '_hosts-0.yaml') as Readonly<Record<string, object>>;
    expect(spec).toMatchObject({ rootDeviceHints: { rotational: false, deviceName: '/dev/sda' } });
    expect(spec).toMatchObject({ hardwareProfile: 'unknown', bootMode: 'UEFI' });
    expect(JSON.stringify(spec)).not.toMatch(/minSize|disableCertificate|preprovisioning|wwn/);
  });

  test('a host may go without network settings, and the numbers of the Secrets have no holes', async () => {
    const networkConfig = { interfaces: [{ name: 'eth0', 'mac-address': '00:11:22:33:44:55' }] };
    const files = await masters(
      bareMetalText([...THREE, hostOf('x', { networkConfig }), hostOf('y', { networkConfig })]),
    );
    const names = namesOf(files).filter((name) => name.includes('network-config'));
    expect(names).toEqual([0, 1].map((i) => `cluster-api_host-network-config-secrets-${i}.yaml`));
    const secret = documentOf(files, 'network-config-secrets-0.yaml') as unknown as {
      readonly metadata: { readonly name: string };
      readonly data: { readonly nmstate: string };
    };
    expect(secret.metadata.name).toBe('x-network-config-secret');
    // A YAML 1.1 reader takes an unquoted MAC address of digits for a number.
    expect(Buffer.from(secret.data.nmstate, 'base64').toString()).toBe(
      'interfaces:\n- mac-address: "00:11:22:33:44:55"\n  name: eth0\n',
    );
  });

  test.each([0, 2])('%i workers are a MachineSet', async (replicas) => {
    const hosts = [...THREE, ...['w0', 'w1'].map((name) => hostOf(name, { role: 'worker' }))];
    const config = bareMetalText(hosts, { config: { compute: [{ name: 'worker', replicas }] } });
    const files = await workers(config);
    expect(documentOf(files, 'worker-machineset-0.yaml')).toMatchObject({
      spec: {
        replicas,
        template: {
          spec: { providerSpec: { value: { userData: { name: 'worker-user-data-managed' } } } },
        },
      },
    });
  });

  test('without the Machine API there are no machines, but the Secrets of the pointers', async () => {
    const capabilities = {
      baselineCapabilitySet: 'None',
      additionalEnabledCapabilities: ['Ingress', 'baremetal'],
    };
    const config = bareMetalText(THREE, { config: { capabilities } });
    expect(namesOf(await masters(config))).toEqual(['cluster-api_master-user-data-secret.yaml']);
    expect(namesOf(await workers(config))).toEqual(['cluster-api_worker-user-data-secret.yaml']);
  });

  test('an arbiter has files of its own', async () => {
    const config = bareMetalText([...THREE.slice(0, 2), hostOf('a', { role: 'arbiter' })], {
      config: {
        featureSet: 'TechPreviewNoUpgrade',
        controlPlane: { name: 'master', replicas: 2 },
        arbiter: { name: 'arbiter', replicas: 1 },
        sshKey: SSH,
      },
    });
    const files = await arbiters(config);
    expect(namesOf(files)).toEqual([
      'cluster-api_arbiter-user-data-secret.yaml',
      'machineconfig_99-arbiter-ssh.yaml',
      'cluster-api_arbiter_host-bmc-secrets-0.yaml',
      'cluster-api_arbiter_hosts-0.yaml',
      'cluster-api_arbiter-machines-0.yaml',
    ]);
    expect(documentOf(files, 'arbiter_hosts-0.yaml')).toMatchObject({
      metadata: { name: 'a' },
      spec: { userData: { name: 'arbiter-user-data-managed' } },
    });
    expect(namesOf(await masters(config)).filter((name) => name.includes('_hosts'))).toHaveLength(2);
  });

  test('two nodes have Secrets to switch each other off', async () => {
    const credentials = ['m0', 'm1'].map((hostName) => ({
      hostName,
      username: 'u',
      password: 'secret',
      address: `redfish+https://192.0.2.9/redfish/v1/Systems/${hostName}`,
      certificateVerification: 'Disabled',
    }));
    const config = bareMetalText(THREE.slice(0, 2), {
      config: {
        featureSet: 'DevPreviewNoUpgrade',
        controlPlane: { name: 'master', replicas: 2, fencing: { credentials } },
      },
    });
    const files = await masters(config);
    const text = (value: string): string => Buffer.from(value).toString('base64');
    expect(documentOf(files, 'fencing-credentials-secrets-1.yaml')).toMatchObject({
      metadata: { name: 'fencing-credentials-m1', namespace: 'openshift-etcd' },
      data: { password: text('secret'), certificateVerification: text('Disabled') },
    });
  });
});

describe('from the target directory', () => {
  const edited = {
    'openshift/99_feature-gate.yaml': 'a: 1',
    'openshift/99_openshift-cluster-api_master-user-data-secret.yaml': 'b: 1',
    'openshift/99_openshift-cluster-api_hosts-0.yaml': 'c: 1',
    'openshift/99_openshift-cluster-api_worker-machineset-0.yaml': 'd: 1',
    'openshift/99_openshift-machineconfig_99-worker-ssh.yaml': 'e: 1',
  };

  /** The run that made these files consumed the install-config; a person removed some since. */
  async function loaded(asset: Asset<FileListValue, never>): Promise<string[]> {
    const first = memoryTarget({ files: { 'install-config.yaml': bareMetalText(THREE) } });
    await first.store.fetch(asset);
    const { store } = memoryTarget({ files: edited, state: await first.store.values() });
    return namesOf(asset.files!(await store.fetch(asset)));
  }

  test('a role takes its own files, and nothing is generated beside them', async () => {
    expect(await loaded(masterMachines as never)).toEqual([
      'cluster-api_master-user-data-secret.yaml',
      'machineconfig_99-worker-ssh.yaml',
      'cluster-api_hosts-0.yaml',
    ]);
  });

  test('a role without its Secret is as it was made', async () => {
    expect(await loaded(workerMachines as never)).toEqual([
      'cluster-api_worker-user-data-secret.yaml',
      'cluster-api_worker-machineset-0.yaml',
    ]);
  });
});
