import { expect, it } from 'vitest';
import { readConfigurationVolume } from '../configurationVolume.ts';
import { SEED_MANIFEST } from '../paths.ts';
import { configIso, reconfiguration, TestWorld } from '../testing.ts';
import { validateConfiguration } from '../validate.ts';
import { applyNetwork, setHostname } from './network.ts';

const nmstate = 'interfaces:\n- {name: eth0, type: ethernet, state: up, ipv4: {enabled: true, dhcp: true}}\n';

async function configurationOf(world: TestWorld, hasNmstate: boolean) {
  const tree = await readConfigurationVolume(world.host.files, '/dev/loop7');
  const seedText = await world.host.files.readText(SEED_MANIFEST);
  return validateConfiguration(tree, seedText, { hostname: 'h', hasNmstate });
}

const volume = configIso(reconfiguration({ raw_nm_state_config: nmstate }));
const restarts = (world: TestWorld): number =>
  world.host.commands.filter((argv) => argv.join(' ') === 'systemctl restart NetworkManager.service').length;

it('renders nmstate to keyfiles where nmstatectl is missing, and restarts once', async () => {
  const world = new TestWorld({ volume });
  const configuration = await configurationOf(world, false);
  await applyNetwork(world, configuration);
  await applyNetwork(world, configuration);
  const path = '/etc/NetworkManager/system-connections/eth0.nmconnection';
  expect((await world.host.files.facts(path))?.mode).toBe(0o600);
  expect(restarts(world)).toBe(1);
});

it('leaves the document to nmstatectl where it is installed', async () => {
  const world = new TestWorld({ volume, programs: ['nmstatectl'] });
  await applyNetwork(world, await configurationOf(world, true));
  expect(world.host.commands[0]).toEqual(['nmstatectl', 'apply', '/opt/openshift/nmstate.yaml']);
  expect(world.host.files.tree()['/opt/openshift/nmstate.yaml']).toBe(nmstate);
});

it('does not restart NetworkManager when nothing is given', async () => {
  const world = new TestWorld({ volume: configIso(reconfiguration()) });
  await applyNetwork(world, await configurationOf(world, false));
  expect(restarts(world)).toBe(0);
});

it.each([
  [['hostnamectl'], ['hostnamectl', 'set-hostname', 'new-name']],
  [[], ['hostname', 'new-name']],
])('sets the hostname with %j', async (programs, expected) => {
  const world = new TestWorld({ programs });
  await setHostname(world, 'new-name');
  expect(world.host.commands).toEqual([expected]);
});
