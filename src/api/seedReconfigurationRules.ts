import { type Problem, problem, type Report } from '#base/report.ts';
import { findIpFamily, findNetworkFamily, ipProblems, networkProblems } from './addresses.ts';
import { isDnsSubdomain, SUBDOMAIN_RULE } from './names.ts';
import { findPullSecretFault } from './pullSecret.ts';
import type { SeedReconfiguration } from './seedReconfiguration.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Every rule that post-pivot has for the document, checked at once and first: the original checks most of them only
 * after network, hostname and SSH keys were changed, and an absent cluster ID only when the cluster already runs.
 */
export function validateSeedReconfiguration(document: SeedReconfiguration): Report {
  return [
    ...identityProblems(document),
    ...addressProblems(document),
    ...proxyProblems(document),
    ...accessProblems(document),
  ];
}

function identityProblems(document: SeedReconfiguration): Problem[] {
  const found: Problem[] = [];
  if (document.api_version !== 1) {
    found.push(
      problem('api_version', `unsupported seed reconfiguration version ${document.api_version}, must be 1`),
    );
  }
  for (const key of ['base_domain', 'cluster_name'] as const) {
    if (document[key] === '') found.push(problem(key, 'must be set'));
    else if (!isDnsSubdomain(document[key])) found.push(problem(key, SUBDOMAIN_RULE));
  }
  if (document.cluster_id === '') found.push(problem('cluster_id', 'must be set'));
  else if (!UUID.test(document.cluster_id)) {
    found.push(problem('cluster_id', `"${document.cluster_id}" is not a UUID`));
  }
  if (document.infra_id !== '' && !isDnsSubdomain(document.infra_id)) {
    found.push(problem('infra_id', SUBDOMAIN_RULE));
  }
  if (document.hostname === 'localhost')
    found.push(problem('hostname', '"localhost" can not be a node name'));
  else if (document.hostname !== '' && !isDnsSubdomain(document.hostname)) {
    found.push(problem('hostname', SUBDOMAIN_RULE));
  }
  return found;
}

function addressProblems({ node_ips, machine_networks }: SeedReconfiguration): Problem[] {
  const found = [
    ...ipProblems('node_ips', node_ips),
    ...networkProblems('machine_networks', machine_networks),
  ];
  if (node_ips.length > 2) found.push(problem('node_ips', 'at most two node IPs, one for each IP family'));
  if (found.length > 0 || node_ips.length === 0 || machine_networks.length === 0) return found;
  if (node_ips.length !== machine_networks.length) {
    return [
      problem(
        'machine_networks',
        `one machine network for each node IP is needed: ${machine_networks.length} networks, ${node_ips.length} node IPs`,
      ),
    ];
  }
  return node_ips.flatMap((ip, i) =>
    findIpFamily(ip) === findNetworkFamily(machine_networks[i]!)
      ? []
      : [
          problem(
            `machine_networks[${i}]`,
            `${machine_networks[i]} and node IP ${ip} are of different IP families`,
          ),
        ],
  );
}

function proxyProblems(document: SeedReconfiguration): Problem[] {
  const found: Problem[] = [];
  for (const key of ['proxy', 'status_proxy'] as const) {
    const proxy = document[key];
    for (const member of ['httpProxy', 'httpsProxy'] as const) {
      const url = proxy?.[member] ?? '';
      if (url !== '' && !URL.canParse(url)) found.push(problem(`${key}.${member}`, 'is not a URL'));
    }
  }
  const { proxyConfigmapName, proxyConfigmapBundle } = document.additionalTrustBundle;
  if ((proxyConfigmapName === '') !== (proxyConfigmapBundle === '')) {
    found.push(
      problem('additionalTrustBundle', 'proxyConfigmapName and proxyConfigmapBundle must be given together'),
    );
  }
  return found;
}

function accessProblems(document: SeedReconfiguration): Problem[] {
  const found: Problem[] = [];
  const fault =
    document.pull_secret === ''
      ? 'the pull secret was not provided'
      : findPullSecretFault(document.pull_secret);
  if (fault !== undefined) found.push(problem('pull_secret', fault));
  if (
    document.kubeadmin_password_hash !== '' &&
    !/^\$2[aby]\$\d\d\$.{53}$/.test(document.kubeadmin_password_hash)
  ) {
    found.push(problem('kubeadmin_password_hash', 'is not a bcrypt hash'));
  }
  document.server_ssh_keys.forEach(({ file_name }, i) => {
    if (!/^ssh_host_[\w-]+_key(\.pub|-cert\.pub)?$/.test(file_name)) {
      found.push(
        problem(
          `server_ssh_keys[${i}].file_name`,
          'must be the name of a host key, such as ssh_host_rsa_key',
        ),
      );
    }
  });
  return found;
}
