import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { bareMetalText, hostOf } from '../machines/testing.ts';
import { installConfigText, memoryTarget } from '../testing.ts';
import { certificatePem } from '../tls/certificates.ts';
import { rootCA } from '../tls/signers.ts';
import { masterIgnitionCustomizations, workerIgnitionCustomizations } from './ignitionCustomizations.ts';
import { arbiterIgnition, masterIgnition, type PointerValue, workerIgnition } from './pointerIgnition.ts';

const THREE = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
const text = ({ File }: PointerValue): string => Buffer.from(File!.Data, 'base64').toString('utf8');
const targetOf = (config: string, files: Readonly<Record<string, string>> = {}) =>
  memoryTarget({ files: { 'install-config.yaml': config, ...files } });

async function sourceOf(config: string): Promise<string> {
  const pointer = JSON.parse(text(await targetOf(config).store.fetch(workerIgnition)));
  return pointer.ignition.config.merge[0].source as string;
}

describe('the pointer config', () => {
  test('has the place of the real config and the CA of its server, and nothing else', async () => {
    const { store } = targetOf(installConfigText());
    const ca = Buffer.from(certificatePem(await store.fetch(rootCA))).toString('base64');
    expect(text(await store.fetch(masterIgnition))).toBe(
      '{"ignition":{"config":{"merge":[{"source":"https://api-int.lab.example.com:22623/config/master"}]},' +
        `"security":{"tls":{"certificateAuthorities":[{"source":"data:text/plain;charset=utf-8;base64,${ca}"}]}},"version":"3.2.0"}}`,
    );
  });

  test('points to the first API address on bare metal', async () => {
    expect(await sourceOf(bareMetalText(THREE))).toBe('https://192.0.2.5:22623/config/worker');
  });

  test('has an IPv6 address in brackets', async () => {
    const changes = {
      config: {
        networking: {
          networkType: 'OVNKubernetes',
          machineNetwork: [{ cidr: '2001:db8::/64' }],
          clusterNetwork: [{ cidr: 'fd01::/48', hostPrefix: 64 }],
          serviceNetwork: ['fd02::/112'],
        },
      },
      platform: { apiVIPs: ['2001:db8::5'], ingressVIPs: ['2001:db8::6'] },
    };
    expect(await sourceOf(bareMetalText(THREE, changes))).toBe('https://[2001:db8::5]:22623/config/worker');
  });

  test("points to the user's own balancer too, wherever it stands", async () => {
    const platform = {
      apiVIPs: ['198.51.100.7'],
      ingressVIPs: ['198.51.100.7'],
      loadBalancer: { type: 'UserManaged' },
    };
    const config = { featureSet: 'TechPreviewNoUpgrade' };
    expect(await sourceOf(bareMetalText(THREE, { platform, config }))).toBe(
      'https://198.51.100.7:22623/config/worker',
    );
  });

  test('is made for arbiters only where there are some', async () => {
    const value = await targetOf(installConfigText()).store.fetch(arbiterIgnition);
    expect(value).toEqual({ File: null });
    expect(arbiterIgnition.files!(value)).toEqual([]);
  });

  test.each(['{', '[]', '{"ignition":{}}', '{"ignition":{"version":"2.2.0"}}', '{"password":"geheim"}'])(
    'is refused if it was made unusable: %s',
    async (content) => {
      const fetched = targetOf(installConfigText(), { 'master.ign': content }).store.fetch(masterIgnition);
      await expect(fetched).rejects.toThrow(/failed to unmarshal master\.ign: (?!.*geheim)/);
    },
  );
});

describe('what a person adds to a pointer config', () => {
  interface Pointer {
    readonly ignition: object;
  }

  /** Ignition configs are made, one of them is edited, and the next command looks at it. */
  async function edited(edit: (pointer: Pointer) => string) {
    const first = targetOf(installConfigText());
    const pointer = JSON.parse(text(await first.store.fetch(masterIgnition))) as Pointer;
    const state = await first.store.values();
    const target = memoryTarget({ files: { 'master.ign': edit(pointer) }, state });
    const value = await target.store.fetch(masterIgnitionCustomizations);
    return { files: masterIgnitionCustomizations.files!(value), infos: target.infos };
  }

  test('is nothing if the text is the generated one', async () => {
    const { store, infos } = targetOf(installConfigText());
    expect(await store.fetch(workerIgnitionCustomizations)).toEqual({ File: null });
    expect(infos).toEqual([]);
  });

  test('becomes a MachineConfig without the pointer', async () => {
    const storage = { files: [{ path: '/etc/x', contents: { source: 'data:,x' } }], links: [] };
    const { files, infos } = await edited((pointer) => JSON.stringify({ ...pointer, storage }));
    expect(files.map(({ path }) => path)).toEqual(['openshift/99_openshift-installer-ignition_master.yaml']);
    const { metadata, spec } = parse(Buffer.from(files[0]!.content as Uint8Array).toString());
    expect(metadata).toMatchObject({
      name: '99-installer-ignition-master',
      labels: { 'machineconfiguration.openshift.io/role': 'master' },
    });
    expect(Object.keys(spec.config.ignition)).toEqual(['security', 'version']);
    expect(spec.config.storage).toEqual({ files: storage.files });
    expect(infos).toEqual(['Master pointer ignition was modified. Saving contents to a machineconfig']);
  });

  test('keeps what else stands beside the pointer', async () => {
    const replace = { source: 'https://192.0.2.1/x' };
    const { files } = await edited(({ ignition }) =>
      JSON.stringify({ ignition: { ...ignition, config: { merge: [], replace } } }),
    );
    const { spec } = parse(Buffer.from(files[0]!.content as Uint8Array).toString());
    expect(spec.config.ignition.config).toEqual({ replace });
  });

  test('is told by the content: other blanks and empty members are no change', async () => {
    const { files } = await edited((pointer) => JSON.stringify({ storage: {}, ...pointer }, null, 2));
    expect(files).toEqual([]);
  });
});
