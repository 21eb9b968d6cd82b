import { networkContains } from '#api/addresses.ts';

const ASSIGNMENT = /(KUBELET_NODE_IPS?)=([^"'\s]*(?:\s*,\s*[^"'\s,]+)*)/g;

/**
 * The node IPs that a `20-nodenet.conf` drop-in gives the kubelet, primary first; empty if it gives none.
 * `KUBELET_NODE_IPS` wins over `KUBELET_NODE_IP`, a later line over an earlier one.
 */
export function parseNodeIps(dropIn: string): string[] {
  const found: { [variable: string]: string } = {};
  for (const [, variable, value] of dropIn.matchAll(ASSIGNMENT)) found[variable!] = value!;
  const list = found['KUBELET_NODE_IPS'] ?? found['KUBELET_NODE_IP'] ?? '';
  return list
    .split(',')
    .map((ip) => ip.trim())
    .filter((ip) => ip !== '');
}

/** The drop-in with other node IPs; what else it says stays. An empty text gives a new drop-in with both variables. */
export function setNodeIps(dropIn: string, nodeIps: readonly string[]): string {
  const values: { [variable: string]: string } = {
    KUBELET_NODE_IP: nodeIps[0] ?? '',
    KUBELET_NODE_IPS: nodeIps.join(','),
  };
  if (dropIn.search(ASSIGNMENT) < 0) {
    const environment = Object.entries(values).map(([variable, value]) => `"${variable}=${value}"`);
    return `${dropIn === '' ? '[Service]\n' : ensureNewline(dropIn)}Environment=${environment.join(' ')}\n`;
  }
  return dropIn.replaceAll(ASSIGNMENT, (_, variable: string) => `${variable}=${values[variable]}`);
}

const ensureNewline = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

/**
 * For each machine network the first of the host's addresses in it, in order of the networks; undefined when one of
 * them has none. This is what the nodeip-configuration service decides from its hint.
 */
export function chooseNodeIps(
  addresses: readonly string[],
  machineNetworks: readonly string[],
): string[] | undefined {
  const chosen = machineNetworks.map((network) =>
    addresses.find((address) => networkContains(network, address)),
  );
  return chosen.every((ip) => ip !== undefined) ? chosen : undefined;
}

/** `KUBELET_NODEIP_HINT` of the machine networks, without a newline as the original writes it. */
export const renderNodeIpHint = (machineNetworks: readonly string[]): string =>
  `KUBELET_NODEIP_HINT=${machineNetworks.map((network) => network.split('/')[0]).join(' ')}`;
