import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import { systemd } from '#system/systemd.ts';
import { type ClusterNames, renderDnsmasqOverrides, replaceInHosts } from '../clusterNames.ts';
import { chooseNodeIps, parseNodeIps, renderNodeIpHint, setNodeIps } from '../nodeIps.ts';
import { note } from '../note.ts';
import type { PostPivotWorld } from '../postPivot.ts';
import type { Configuration } from '../validate.ts';

const HINT = '/etc/default/nodeip-configuration';
const SERVICE = 'nodeip-configuration.service';
const SERVICE_RESULT = '/run/nodeip-configuration/primary-ip';
const KUBELET_DROP_IN = '/etc/systemd/system/kubelet.service.d/20-nodenet.conf';
const DROP_INS = [KUBELET_DROP_IN, '/etc/systemd/system/crio.service.d/20-nodenet.conf'];
const ADDRESS_WAIT_SECONDS = 300;

/** Tells the node-IP service which network the node's address is in. */
export async function writeNodeIpHint(
  world: PostPivotWorld,
  machineNetworks: readonly string[],
): Promise<void> {
  await world.host.files.makeDirectory('/etc/default');
  await world.host.files.write(HINT, renderNodeIpHint(machineNetworks), { mode: 0o600 });
}

/**
 * The node's addresses, primary first: as given, as the node-IP service found them, or, on a host without that service,
 * the host's own addresses in the machine networks. The kubelet's drop-in says the same afterwards.
 * Failure `postpivot/no-node-ip` when there is none after five minutes.
 */
export async function resolveNodeIps(
  world: PostPivotWorld,
  { target }: Configuration,
): Promise<readonly string[]> {
  const { machine_networks, node_ips } = target;
  const hasService = (await systemd(world.host).property(SERVICE, 'LoadState')) === 'loaded';
  const look = hasService
    ? () => askService(world, machine_networks)
    : async () => chooseNodeIps(await world.addresses(), machine_networks);
  const nodeIps = node_ips.length > 0 ? node_ips : await waitFor(world, look);
  await writeDropIns(world, nodeIps);
  info(world.logger, `node IPs: ${nodeIps.join(', ')}`);
  return nodeIps;
}

/**
 * Runs the service until its answer is one of this boot and of these networks: it may have run before the network was
 * configured, and the drop-in may still be the seed's. A run that finds no address yet fails, and is repeated.
 */
async function askService(
  world: PostPivotWorld,
  machineNetworks: readonly string[],
): Promise<readonly string[] | undefined> {
  const answer = async (): Promise<readonly string[] | undefined> => {
    const primary = (await world.host.files.readIfExists(SERVICE_RESULT))?.toString('utf8').trim();
    const dropIn = (await world.host.files.readIfExists(KUBELET_DROP_IN))?.toString('utf8') ?? '';
    const found = parseNodeIps(dropIn);
    const isOfThisBoot = primary !== undefined && primary === found[0];
    return isOfThisBoot && chooseNodeIps(found, machineNetworks) !== undefined ? found : undefined;
  };
  const before = await answer();
  if (before !== undefined) return before;
  await world.host.run(['systemctl', 'restart', SERVICE], { okCodes: [0, 1] });
  return answer();
}

/** Where the service is missing, or addresses were given, nobody else would take the seed's address out. */
async function writeDropIns(world: PostPivotWorld, nodeIps: readonly string[]): Promise<void> {
  const { files } = world.host;
  for (const path of DROP_INS) {
    const before = (await files.readIfExists(path))?.toString('utf8');
    if (before === undefined && path !== KUBELET_DROP_IN) continue;
    if (parseNodeIps(before ?? '').join() === nodeIps.join()) continue;
    await files.makeDirectory(path.slice(0, path.lastIndexOf('/')));
    await files.write(path, setNodeIps(before ?? '', nodeIps));
  }
}

async function waitFor(
  world: PostPivotWorld,
  look: () => Promise<readonly string[] | undefined>,
): Promise<readonly string[]> {
  const deadline = world.clock() + ADDRESS_WAIT_SECONDS;
  while (world.clock() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await world.sleep(1);
  }
  throw new Failure({
    code: 'postpivot/no-node-ip',
    message: `no address in the machine networks after ${ADDRESS_WAIT_SECONDS} s`,
    hint: 'check the network configuration of the ISO (or DHCP) against machine_networks; the next attempt follows by itself',
  });
}

/** Makes the names of the cluster resolve to this host: by dnsmasq where it is installed, else in /etc/hosts. */
export async function resolveClusterNames(
  world: PostPivotWorld,
  { seed, target, hostname }: Configuration,
  nodeIps: readonly string[],
): Promise<void> {
  const { files } = world.host;
  const names: ClusterNames = { ...target, hostname };
  const hosts = (await files.readIfExists('/etc/hosts'))?.toString('utf8') ?? '';
  const renamed = replaceInHosts(
    hosts,
    { ...seed, hostname: seed.sno_hostname },
    { ...names, node_ips: nodeIps },
  );
  if (renamed !== hosts) await files.write('/etc/hosts', renamed);
  const units = systemd(world.host);
  if ((await units.property('dnsmasq.service', 'LoadState')) !== 'loaded') {
    if (renamed === hosts)
      note(world, 'no dnsmasq and no name of the cluster in /etc/hosts: DNS must know the names');
    return;
  }
  const overrides = '/etc/default/sno_dnsmasq_configuration_overrides';
  const text = renderDnsmasqOverrides(names, nodeIps[0]!);
  await files.write(overrides, text, { mode: 0o600 });
  await units.resetFailed('dnsmasq.service'); // until now it had no address to answer with, and gave up
  await units.restart('dnsmasq.service');
}
