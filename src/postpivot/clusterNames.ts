/** Where a single-node cluster answers. */
export interface ClusterNames {
  readonly cluster_name: string;
  readonly base_domain: string;
  readonly hostname: string;
}

export const domainOf = (names: Pick<ClusterNames, 'cluster_name' | 'base_domain'>): string =>
  `${names.cluster_name}.${names.base_domain}`;

/** Text of `/etc/default/sno_dnsmasq_configuration_overrides`: three lines, no newline at the end. */
export const renderDnsmasqOverrides = (names: ClusterNames, primaryIp: string): string =>
  [
    `SNO_CLUSTER_NAME_OVERRIDE=${names.cluster_name}`,
    `SNO_BASE_DOMAIN_OVERRIDE=${names.base_domain}`,
    `SNO_DNSMASQ_IP_OVERRIDE=${primaryIp}`,
  ].join('\n');

/**
 * `/etc/hosts` with the seed's addresses and names replaced. Only a host that resolves its cluster's names by this file
 * has lines with them; on any other the text comes back unchanged.
 */
export function replaceInHosts(
  hosts: string,
  seed: ClusterNames & { readonly node_ips: readonly string[] },
  target: ClusterNames & { readonly node_ips: readonly string[] },
): string {
  const isOfCluster = (name: string): boolean =>
    name === domainOf(seed) || name.endsWith(`.${domainOf(seed)}`) || name === seed.hostname;
  const rename = (name: string): string => {
    if (name === seed.hostname) return target.hostname;
    return isOfCluster(name) ? `${name.slice(0, -domainOf(seed).length)}${domainOf(target)}` : name;
  };
  return hosts
    .split('\n')
    .map((line) => {
      const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
      if (!names.some(isOfCluster)) return line;
      const index = seed.node_ips.indexOf(address);
      return [target.node_ips[index] ?? address, ...names.map(rename)].join(' ');
    })
    .join('\n');
}
