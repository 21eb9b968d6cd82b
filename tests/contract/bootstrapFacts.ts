import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import { parseInstallConfig } from '#api/installConfig.ts';
import { bareMetalValues } from '#installer/bootstrap/bareMetalValues.ts';
import type { BootstrapFacts } from '#installer/bootstrap/bootstrapFacts.ts';

const MACHINE_NETWORKS = ['192.168.111.0/24'];

/** `platform.baremetal` with its defaults; both interfaces have addresses that the stand-ins know. */
function platformOf(settings: Record<string, unknown>): BareMetalPlatform {
  const managed = {
    provisioningNetwork: 'Managed',
    provisioningNetworkCIDR: '172.22.0.0/24',
    bootstrapProvisioningIP: '172.22.0.2',
    provisioningDHCPRange: '172.22.0.10,172.22.0.254',
    externalMACAddress: '52:54:00:00:00:01',
    provisioningMACAddress: '52:54:00:00:00:02',
    additionalNTPServers: ['0.pool.ntp.org'],
    hosts: [1, 2, 3].map((n) => ({
      name: `m${n}`,
      role: 'master',
      bootMACAddress: `00:11:22:33:44:0${n}`,
    })),
  };
  const text = JSON.stringify({ platform: { baremetal: { ...managed, ...settings } } });
  const read = parseInstallConfig(text, { unknownKeys: 'error' });
  if (!read.ok) throw new Error(JSON.stringify(read.report));
  return read.value.platform.baremetal!;
}

/** A bootstrap machine of bare metal, whose platform is changed as a test wants. */
export const bareMetalFacts = (
  base: BootstrapFacts,
  settings: Record<string, unknown> = {},
): BootstrapFacts => ({
  ...base,
  platform: 'baremetal',
  platformValues: bareMetalValues({
    platform: platformOf(settings),
    machineNetworks: MACHINE_NETWORKS,
    controlPlaneReplicas: 3,
    sshKey: 'ssh-ed25519 AAAA a@b',
    ironic: { username: 'bootstrap-user', password: 'planted-password', passwordHash: '$2a$10$hash' },
  }),
});
