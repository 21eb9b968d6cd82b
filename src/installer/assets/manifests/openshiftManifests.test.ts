import { describe, expect, it } from 'vitest';
import { stateFileEntry } from '../../asset.ts';
import { bareMetalText, hostOf } from '../machines/testing.ts';
import { memoryTarget } from '../testing.ts';
import { openshiftInstallConfig } from './openshiftInstallConfig.ts';
import { openshiftManifests } from './openshiftManifests.ts';
import { makeManifests } from './testing.ts';

describe('Openshift Manifests', () => {
  it('are the files of a cluster that are not about machines', async () => {
    const { objects } = await makeManifests(openshiftManifests);
    expect(Object.keys(objects)).toEqual([
      '99_feature-gate.yaml',
      '99_kubeadmin-password-secret.yaml',
      'openshift-install-manifests.yaml',
    ]);
    const { data } = objects['99_kubeadmin-password-secret.yaml'] as { data: { kubeadmin: string } };
    expect(Buffer.from(data.kubeadmin, 'base64').toString()).toMatch(/^\$2a\$10\$/);
  });

  it('tell the cluster of bare metal how it provisions hosts', async () => {
    const hosts = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
    const config = bareMetalText(hosts, { platform: { additionalNTPServers: ['192.0.2.1'] } });
    const { objects } = await makeManifests(openshiftManifests, config);
    expect(objects['99_baremetal-provisioning-config.yaml']).toMatchObject({
      kind: 'Provisioning',
      spec: { additionalNTPServers: ['192.0.2.1'], provisioningNetwork: 'Disabled' },
    });
  });

  it("take the user's templates", async () => {
    const files = {
      'templates/baremetal-provisioning-config.yaml.template':
        'network: "{{.Baremetal.ProvisioningNetwork}}"\n',
      'templates/kubeadmin-password-secret.yaml.template': 'hash: {{.Base64EncodedKubeadminPwHash}}\n',
    };
    const hosts = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
    const { objects } = await makeManifests(openshiftManifests, bareMetalText(hosts), { files });
    expect(objects['99_baremetal-provisioning-config.yaml']).toEqual({ network: 'Disabled' });
    expect(objects['99_kubeadmin-password-secret.yaml']).toEqual({
      hash: expect.stringMatching(/^[A-Za-z0-9+/]{80}$/),
    });
  });

  it.each([
    [{}, 'user'],
    [{ OPENSHIFT_INSTALL_INVOKER: '' }, 'user'],
    [{ OPENSHIFT_INSTALL_INVOKER: 'agent-installer' }, 'agent-installer'],
  ])('say who installs, by %j: %s', async (env, invoker) => {
    const { objects } = await makeManifests(openshiftInstallConfig, {}, { env });
    expect(objects['openshift-install-manifests.yaml']).toMatchObject({
      data: { invoker, version: 'v4.19.0' },
      metadata: { creationTimestamp: null },
    });
  });
});

describe('files in openshift/', () => {
  it('are these manifests, without those of machines', async () => {
    const files = {
      'openshift/99_extra.yaml': 'a: 1\n',
      'openshift/99_openshift-cluster-api_master-user-data-secret.yaml': 'b: 1\n',
    };
    const { FileList } = await memoryTarget({ files }).store.fetch(openshiftManifests);
    expect(FileList).toEqual([stateFileEntry('openshift/99_extra.yaml', 'a: 1\n')]);
  });

  it('tell who installs if that file is among them', async () => {
    const files = { 'openshift/openshift-install-manifests.yaml': 'data: {invoker: mine}\n' };
    const { FileList } = await memoryTarget({ files }).store.fetch(openshiftInstallConfig);
    expect(FileList).toEqual([
      stateFileEntry('openshift/openshift-install-manifests.yaml', 'data: {invoker: mine}\n'),
    ]);
  });
});
