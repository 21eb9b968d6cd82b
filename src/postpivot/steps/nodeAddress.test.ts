import { describe, expect, it } from 'vitest';
import type { SeedReconfiguration } from '#api/seedReconfiguration.ts';
import { reconfiguration, seedInfo, type TestHostOptions, TestWorld } from '../testing.ts';
import type { Configuration } from '../validate.ts';
import { resolveClusterNames, resolveNodeIps } from './nodeAddress.ts';

const DROP_IN = '/etc/systemd/system/kubelet.service.d/20-nodenet.conf';
const configurationOf = (change: Partial<SeedReconfiguration> = {}, seed = seedInfo()): Configuration => {
  const target = reconfiguration(change);
  return {
    ...{ tree: new Map(), seed, target, hostname: target.hostname },
    ...{ manifests: [], extraManifests: [], connections: [], warnings: [] },
  };
};
const worldOf = (options: TestHostOptions): TestWorld => new TestWorld(options);

describe('resolveNodeIps', () => {
  it('takes the address in the machine network and rewrites the drop-in', async () => {
    const world = worldOf({ files: { [DROP_IN]: '[Service]\nEnvironment=KUBELET_NODE_IP=192.0.2.10\n' } });
    expect(await resolveNodeIps(world, configurationOf())).toEqual(['198.51.100.20']);
    expect(world.host.files.tree()[DROP_IN]).toBe('[Service]\nEnvironment=KUBELET_NODE_IP=198.51.100.20\n');
  });

  it('takes given addresses without asking anybody', async () => {
    const world = worldOf({});
    expect(await resolveNodeIps(world, configurationOf({ node_ips: ['198.51.100.7'] }))).toEqual([
      '198.51.100.7',
    ]);
  });

  it('leaves the drop-in to the node-IP service where there is one', async () => {
    const text = '[Service]\nEnvironment="KUBELET_NODE_IP=198.51.100.9" "KUBELET_NODE_IPS=198.51.100.9"\n';
    const world = worldOf({
      units: ['nodeip-configuration.service'],
      files: { [DROP_IN]: text, '/run/nodeip-configuration/primary-ip': '198.51.100.9' },
    });
    expect(await resolveNodeIps(world, configurationOf())).toEqual(['198.51.100.9']);
    expect(world.host.files.tree()[DROP_IN]).toBe(text);
  });

  it('runs the service again when it ran before the network was configured', async () => {
    const world = worldOf({
      units: ['nodeip-configuration.service'],
      files: {
        [DROP_IN]: '[Service]\nEnvironment="KUBELET_NODE_IP=203.0.113.5"\n',
        '/run/nodeip-configuration/primary-ip': '203.0.113.5',
      },
      onCommand: async (argv, files) => {
        if (argv[1] !== 'restart') return;
        await files.write(DROP_IN, '[Service]\nEnvironment="KUBELET_NODE_IP=198.51.100.9"\n');
        await files.write('/run/nodeip-configuration/primary-ip', '198.51.100.9');
      },
    });
    expect(await resolveNodeIps(world, configurationOf())).toEqual(['198.51.100.9']);
  });

  it("does not take the seed's drop-in for an answer", async () => {
    const files = { [DROP_IN]: '[Service]\nEnvironment="KUBELET_NODE_IP=198.51.100.10"\n' };
    const world = worldOf({ units: ['nodeip-configuration.service'], files });
    await expect(resolveNodeIps(world, configurationOf())).rejects.toMatchObject({
      code: 'postpivot/no-node-ip',
    });
  });

  it('gives up when no address shows up', async () => {
    const refused = resolveNodeIps(worldOf({}), configurationOf({ machine_networks: ['10.9.0.0/16'] }));
    await expect(refused).rejects.toMatchObject({ code: 'postpivot/no-node-ip' });
  });
});

describe('resolveClusterNames', () => {
  it('writes dnsmasq overrides and restarts it where it is installed', async () => {
    const world = worldOf({ units: ['dnsmasq.service'] });
    await resolveClusterNames(world, configurationOf(), ['198.51.100.20']);
    const overrides = world.host.files.tree()['/etc/default/sno_dnsmasq_configuration_overrides'];
    expect(overrides).toContain('SNO_DNSMASQ_IP_OVERRIDE=198.51.100.20');
    expect(world.host.commands.at(-1)).toEqual(['systemctl', 'restart', 'dnsmasq.service']);
  });
});
