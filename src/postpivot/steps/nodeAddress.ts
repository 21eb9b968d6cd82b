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
  const units = systemd(world.host);
  const hasService = (await units.property(SERVICE, 'LoadState')) === 'loaded';
  let nodeIps: readonly string[] = target.node_ips;
  if (nodeIps.length === 0 && hasService) {
    if (!(await world.host.files.exists(SERVICE_RESULT))) await units.start(SERVICE);
    nodeIps = await waitFor(world, async () => {
      if (!(await world.host.files.exists(SERVICE_RESULT))) return undefined;
      const dropIn = (await world.host.files.readIfExists(KUBELET_DROP_IN))?.toString('utf8') ?? '';
      const found = parseNodeIps(dropIn);
      return found.length > 0 ? found : undefined;
    });
  }
  if (nodeIps.length === 0) {
    nodeIps = await waitFor(world, async () =>
      chooseNodeIps(await world.addresses(), target.machine_networks),
    );
  }
  if (!hasService) await writeDropIns(world, nodeIps);
  info(world.logger, `node IPs: ${nodeIps.join(', ')}`);
  return nodeIps;
}

/** Without the service nobody else would take the seed's address out. */
async function writeDropIns(world: PostPivotWorld, nodeIps: readonly string[]): Promise<void> {
  const { files } = world.host;
  for (const path of DROP_INS) {
    const before = (await files.readIfExists(path))?.toString('utf8');
    if (before === undefined && path !== KUBELET_DROP_IN) continue;
    const after = setNodeIps(before ?? '', nodeIps);
    if (after === before) continue;
    await files.makeDirectory(path.slice(0, path.lastIndexOf('/')));
    await files.write(path, after);
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
  await units.restart('dnsmasq.service');
}
