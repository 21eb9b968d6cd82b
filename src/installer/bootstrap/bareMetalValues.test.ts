import { describe, expect, it } from 'vitest';
import type { BareMetalPlatform } from '#api/bareMetalPlatform.ts';
import { parseInstallConfig } from '#api/installConfig.ts';
import { withBareMetalDefaults } from '../rules/bareMetalDefaults.ts';
import { bareMetalValues } from './bareMetalValues.ts';

const MACHINE_NETWORKS = ['192.168.111.0/24'];

const platformOf = (settings: Record<string, unknown>, networks = MACHINE_NETWORKS): BareMetalPlatform => {
  const text = JSON.stringify({ platform: { baremetal: settings } });
  const read = parseInstallConfig(text, { unknownKeys: 'error' });
  if (!read.ok) throw new Error(JSON.stringify(read.report));
  const macs = { externalMACAddress: '52:54:00:00:00:01', provisioningMACAddress: '52:54:00:00:00:02' };
  return { ...withBareMetalDefaults(read.value.platform.baremetal!, networks, Buffer.alloc), ...macs };
};

const valuesOf = (settings: Record<string, unknown>, networks = MACHINE_NETWORKS) =>
  bareMetalValues({
    platform: platformOf(settings, networks),
    machineNetworks: networks,
    controlPlaneReplicas: 3,
    sshKey: 'ssh-ed25519 AAAA a@b\nssh-ed25519 BBBB c@d\n',
    ironic: { username: 'bootstrap-user', password: 'secret', passwordHash: '$2a$10$hash' },
  });

describe('the provisioning network', () => {
  it('is managed by default: this machine serves DHCP on it', () => {
    expect(valuesOf({})).toMatchObject({
      provisioningNetwork: 'Managed',
      isProvisioningNetworkDisabled: 'false',
      ironicMac: '52:54:00:00:00:02',
      provisioningAddress: '172.22.0.2/24',
      dhcpRange: '172.22.0.10,172.22.0.254,255.255.255.0',
      ipOption: 'ip=dhcp',
    });
  });

  it('may have the DHCP of somebody else', () => {
    const values = valuesOf({ provisioningNetwork: 'Unmanaged' });
    expect(values).toMatchObject({ provisioningAddress: '172.22.0.2/24', dhcpRange: '' });
  });

  it('may be of IPv6, whose addresses are brought into their short form', () => {
    const values = valuesOf({
      provisioningNetworkCIDR: 'fd00:1101::/64',
      bootstrapProvisioningIP: 'FD00:1101:0:0::0002',
    });
    expect(values).toMatchObject({ provisioningAddress: 'fd00:1101::2/64', ipOption: 'ip=dhcp6' });
    expect(values['dhcpRange']).toMatch(/^fd00:1101::a,fd00:1101:[0-9a-f:]+,64$/);
  });

  it('may be disabled: then hosts reach ironic over the network of the cluster', () => {
    const disabled = {
      isProvisioningNetworkDisabled: 'true',
      ironicMac: '52:54:00:00:00:01',
      provisioningAddress: '',
      dhcpRange: '',
    };
    const settings = { provisioningNetwork: 'Disabled' };
    expect(valuesOf(settings)).toMatchObject({ ...disabled, ipOption: 'ip=dhcp' });
    expect(valuesOf(settings, ['fd00::/64'])).toMatchObject({ ...disabled, ipOption: 'ip=dhcp6' });
    expect(valuesOf(settings, ['fd00::/64', '10.0.0.0/16'])).toMatchObject({ ipOption: 'ip=dhcp,dhcp6' });
  });
});

describe('the profile of the network of the cluster', () => {
  const profileOf = (settings: Record<string, unknown>, networks?: string[]): string =>
    valuesOf(settings, networks)['bootstrapConnection']!;

  it('asks DHCP without a given address', () => {
    expect(profileOf({})).toBe(
      [
        '[connection]',
        'id=bootstrap-external',
        'type=ethernet',
        'autoconnect-priority=100',
        '',
        '[ethernet]',
        'mac-address=52:54:00:00:00:01',
        '',
        '[ipv4]',
        'method=auto',
        '',
        '[ipv6]',
        'method=auto',
        '',
      ].join('\n'),
    );
  });

  it('has the given address with the prefix length of its machine network', () => {
    const profile = profileOf(
      {
        bootstrapExternalStaticIP: '192.168.111.9',
        bootstrapExternalStaticGateway: '192.168.111.1',
        bootstrapExternalStaticDNS: '192.168.111.2',
      },
      ['10.0.0.0/8', '192.168.111.0/25'],
    );
    expect(profile).toContain(
      '[ipv4]\nmethod=manual\naddress1=192.168.111.9/25\ngateway=192.168.111.1\ndns=192.168.111.2;\n\n[ipv6]\nmethod=auto\n',
    );
  });

  it('has an address of IPv6, without gateway and DNS where none are given', () => {
    const profile = profileOf({ bootstrapExternalStaticIP: 'fd00::9' }, ['fd00::/64']);
    expect(profile).toContain('[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=manual\naddress1=fd00::9/64\n');
    expect(profile).not.toMatch(/gateway|dns/);
  });

  it('takes an address outside of all machine networks to be alone', () => {
    expect(profileOf({ bootstrapExternalStaticIP: '10.9.8.7' })).toContain('address1=10.9.8.7/32');
  });
});

describe('what ironic is told', () => {
  const host = (name: string, role: string) => ({ name, role, bootMACAddress: `00:00:00:00:00:${name}` });

  it('is which hosts it installs, as long as the control plane lacks some', () => {
    const hosts = [
      host('01', 'worker'),
      host('02', ''),
      host('03', 'master'),
      host('04', ''),
      host('05', ''),
    ];
    expect(valuesOf({ hosts })['controlPlaneMacs']).toBe(
      '00:00:00:00:00:03,00:00:00:00:00:02,00:00:00:00:00:04',
    );
    expect(valuesOf({})['controlPlaneMacs']).toBe('');
  });

  it('is one SSH key, and the time servers in one word', () => {
    const values = valuesOf({ additionalNTPServers: ['0.pool.ntp.org', 'fd00::1'] });
    expect(values).toMatchObject({
      ramdiskSshKey: 'ssh-ed25519 AAAA a@b',
      additionalNTPServers: '0.pool.ntp.org,fd00::1',
      ironicHtpasswd: 'bootstrap-user:$2a$10$hash',
    });
    expect(valuesOf({})['additionalNTPServers']).toBe('');
  });
});
