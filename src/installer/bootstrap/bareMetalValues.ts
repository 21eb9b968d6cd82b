import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import { renderBootstrapConnection } from './bootstrapConnection.ts';
import { provisioningNetworkOf } from './provisioningNetwork.ts';
import type { TemplateValues } from './template.ts';

/** What the bootstrap machine of a bare-metal cluster depends on. */
export interface BareMetalFacts {
  /** With its defaults. */
  readonly platform: BareMetalPlatform;
  readonly machineNetworks: readonly string[];
  readonly controlPlaneReplicas: number;
  /** One key a line, as in authorized_keys. */
  readonly sshKey: string;
  readonly ironic: {
    readonly username: string;
    readonly password: string;
    /** The bcrypt text of the password. */
    readonly passwordHash: string;
  };
}

/** What templates of the bare-metal platform may name (spec/installer/06.3.3). */
export function bareMetalValues(facts: BareMetalFacts): TemplateValues {
  const { platform, machineNetworks, ironic } = facts;
  const network = provisioningNetworkOf(platform, machineNetworks);
  return {
    bootstrapConnection: renderBootstrapConnection(platform, machineNetworks),
    provisioningNetwork: platform.provisioningNetwork,
    isProvisioningNetworkDisabled: String(platform.provisioningNetwork === 'Disabled'),
    ironicMac: network.mac,
    provisioningAddress: network.address,
    dhcpRange: network.dhcpRange,
    ipOption: network.ipOption,
    controlPlaneMacs: controlPlaneMacs(facts).join(','),
    controlPlaneReplicas: String(facts.controlPlaneReplicas),
    additionalNTPServers: platform.additionalNTPServers.join(','),
    // A line is all that a file of variables and a kernel argument can hold.
    ramdiskSshKey: facts.sshKey.trim().split('\n')[0]!,
    ironicUsername: ironic.username,
    ironicPassword: ironic.password,
    ironicHtpasswd: `${ironic.username}:${ironic.passwordHash}`,
  };
}

/**
 * Of the hosts that this machine installs: masters, the arbiter, and hosts without a role as long as the control plane
 * lacks some, as in the rules for hosts.
 */
function controlPlaneMacs({ platform, controlPlaneReplicas }: BareMetalFacts): string[] {
  const hosts = platform.hosts ?? [];
  const masters = hosts.filter(({ role }) => role === 'master');
  const others = hosts.filter(({ role }) => role === '');
  const lacking = Math.max(0, controlPlaneReplicas - masters.length);
  const arbiters = hosts.filter(({ role }) => role === 'arbiter');
  return [...masters, ...others.slice(0, lacking), ...arbiters].map(({ bootMACAddress }) => bootMACAddress);
}
