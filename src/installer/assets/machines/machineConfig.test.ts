import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { InstallConfig } from '#api/installConfig.ts';
import { readInstallConfig } from '../../rules/readInstallConfig.ts';
import { installConfigText, networkingOf } from '../testing.ts';
import { machineConfigFiles } from './machineConfig.ts';

const SSH = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFreJDaT8QSL4atRC/gZJczO0VUsFdH++OXoZXfXo/eG a@b';
const NO_IGNITION = { ignition: { version: '3.2.0' } };

function configOf(changes: Readonly<Record<string, unknown>>): InstallConfig {
  const read = readInstallConfig(installConfigText(changes), { unknownKeys: 'error', isAgent: false });
  if (!read.ok) throw new Error(JSON.stringify(read.report));
  return read.value;
}

/** Name to what the MachineConfig says beside the members that all have. */
const specsOf = (hyperthreading: string, config: InstallConfig) =>
  machineConfigFiles('master', { hyperthreading }, config).map(({ Filename, Data }) => {
    const { metadata, spec } = parse(Buffer.from(Data, 'base64').toString());
    expect(Filename).toBe(`openshift/99_openshift-machineconfig_${metadata.name}.yaml`);
    expect(metadata.labels).toEqual({ 'machineconfiguration.openshift.io/role': 'master' });
    return [metadata.name, spec.config, spec.kernelArguments, spec.fips];
  });

const DUAL_STACK = networkingOf({
  machineNetwork: [{ cidr: '192.0.2.0/24' }, { cidr: '2001:db8::/64' }],
  clusterNetwork: [
    { cidr: '10.128.0.0/14', hostPrefix: 23 },
    { cidr: 'fd01::/48', hostPrefix: 64 },
  ],
  serviceNetwork: ['172.30.0.0/16', 'fd02::/112'],
});

test('everything that a user may want of a machine is a MachineConfig, in this order', () => {
  // The rules refuse FIPS for this program; the manifest is what the cluster would need.
  const config = { ...configOf({ sshKey: SSH, networking: DUAL_STACK }), fips: true };
  const passwd = { users: [{ name: 'core', sshAuthorizedKeys: [SSH] }] };
  expect(specsOf('Disabled', config)).toEqual([
    ['99-master-disable-hyperthreading', NO_IGNITION, ['nosmt', 'smt-enabled=off'], false],
    ['99-master-ssh', { ...NO_IGNITION, passwd }, null, false],
    ['99-master-fips', NO_IGNITION, null, true],
    ['99-dual-stack-master', NO_IGNITION, ['ip=dhcp,dhcp6'], false],
  ]);
});

test('a machine of which nothing is wanted has none', () => {
  expect(specsOf('Enabled', configOf({}))).toEqual([]);
});
