import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readInstallConfig } from '../../rules/readInstallConfig.ts';
import { bareMetalText, hostOf } from '../machines/testing.ts';
import { provisioningFile } from './provisioning.ts';

test('a managed provisioning network is described as it was defaulted', () => {
  const platform = {
    provisioningNetwork: 'Managed',
    provisioningNetworkInterface: 'eth1',
    additionalNTPServers: ['192.0.2.1'],
  };
  const hosts = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
  const read = readInstallConfig(bareMetalText(hosts, { platform }), {
    unknownKeys: 'error',
    isAgent: false,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.report));
  const file = provisioningFile(read.value.platform.baremetal!, 'http://192.0.2.1/image');
  expect(file.Filename).toBe('openshift/99_baremetal-provisioning-config.yaml');
  expect(parse(Buffer.from(file.Data, 'base64').toString())).toEqual({
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'Provisioning',
    metadata: { name: 'provisioning-configuration' },
    spec: {
      provisioningInterface: 'eth1',
      provisioningIP: '172.22.0.3',
      provisioningNetworkCIDR: '172.22.0.0/24',
      provisioningNetwork: 'Managed',
      provisioningDHCPRange: '172.22.0.10,172.22.0.254',
      provisioningOSDownloadURL: 'http://192.0.2.1/image',
      additionalNTPServers: ['192.0.2.1'],
      watchAllNamespaces: false,
    },
  });
});
