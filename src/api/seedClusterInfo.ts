import { type Parsed, type Problem, problem } from '#base/report.ts';
import { ipProblems, networkProblems } from './addresses.ts';
import { decodeText, flag, listOrOne, mapping, textList, textOrEmpty } from './shape.ts';

/**
 * What a seed image says about the cluster it was made of: `manifest.json` of the image and
 * `/var/seed_data/manifest.json` in its var archive. Absent texts are `''`, absent lists are empty.
 */
export interface SeedClusterInfo {
  readonly seed_cluster_ocp_version: string;
  readonly base_domain: string;
  readonly cluster_name: string;
  /** Primary first. The old singular `node_ip` is folded into this when read and written beside it when rendered. */
  readonly node_ips: readonly string[];
  readonly release_registry: string;
  readonly mirror_registry_configured: boolean;
  readonly sno_hostname: string;
  readonly recert_image_pull_spec: string;
  readonly has_proxy: boolean;
  readonly has_fips: boolean;
  /** Declared but never filled by the original; post-pivot needs both for the proxy's no_proxy. */
  readonly cluster_network_cidr: readonly string[];
  readonly service_network_cidr: readonly string[];
  readonly additionalTrustBundle: SeedTrustBundle | null;
  /** `What=` of the seed's var-lib-containers.mount. */
  readonly container_storage_mountpoint_target: string;
  /** `ingress-operator@<unix time>` */
  readonly ingress_certificate_cn: string;
  readonly machine_networks: readonly string[];
}

export interface SeedTrustBundle {
  readonly hasUserCaBundle: boolean;
  readonly proxyConfigmapName: string;
}

const schema = mapping({
  seed_cluster_ocp_version: textOrEmpty,
  base_domain: textOrEmpty,
  cluster_name: textOrEmpty,
  node_ip: textOrEmpty,
  node_ips: textList,
  release_registry: textOrEmpty,
  mirror_registry_configured: flag,
  sno_hostname: textOrEmpty,
  recert_image_pull_spec: textOrEmpty,
  has_proxy: flag,
  has_fips: flag,
  cluster_network_cidr: textList,
  service_network_cidr: textList,
  additionalTrustBundle: mapping({ hasUserCaBundle: flag, proxyConfigmapName: textOrEmpty })
    .nullable()
    .default(null),
  container_storage_mountpoint_target: textOrEmpty,
  ingress_certificate_cn: textOrEmpty,
  machine_networks: textList,
}).transform(
  ({ node_ip, ...info }): SeedClusterInfo => ({ ...info, node_ips: listOrOne(info.node_ips, node_ip) }),
);

/** Reads a seed's manifest, of any version of the original too; unknown fields are dropped with a warning. */
export function parseSeedClusterInfo(text: string): Parsed<SeedClusterInfo> {
  return decodeText(text, { schema, unknownKeys: 'warning', rules: validateSeedClusterInfo });
}

/** What every seed must say for a clone to be possible. */
function validateSeedClusterInfo(info: SeedClusterInfo): Problem[] {
  const needed = ['seed_cluster_ocp_version', 'base_domain', 'cluster_name', 'sno_hostname'] as const;
  return [
    ...needed
      .filter((key) => info[key] === '')
      .map((key) => problem(key, 'must be set in the manifest of a seed')),
    ...(info.node_ips.length === 0 ? [problem('node_ips', 'at least one node IP is needed')] : []),
    ...ipProblems('node_ips', info.node_ips),
    ...networkProblems('machine_networks', info.machine_networks),
    ...networkProblems('cluster_network_cidr', info.cluster_network_cidr),
    ...networkProblems('service_network_cidr', info.service_network_cidr),
  ];
}

/** Compact JSON as the original writes it: empty texts and lists are left out, both flags and the trust bundle always stand. */
export function renderSeedClusterInfo(info: SeedClusterInfo): string {
  const orNothing = <T extends string | readonly string[]>(value: T): T | undefined =>
    value.length === 0 ? undefined : value;
  return JSON.stringify({
    seed_cluster_ocp_version: orNothing(info.seed_cluster_ocp_version),
    base_domain: orNothing(info.base_domain),
    cluster_name: orNothing(info.cluster_name),
    node_ip: info.node_ips[0],
    node_ips: orNothing(info.node_ips),
    release_registry: orNothing(info.release_registry),
    mirror_registry_configured: info.mirror_registry_configured || undefined,
    sno_hostname: orNothing(info.sno_hostname),
    recert_image_pull_spec: orNothing(info.recert_image_pull_spec),
    has_proxy: info.has_proxy,
    has_fips: info.has_fips,
    cluster_network_cidr: orNothing(info.cluster_network_cidr),
    service_network_cidr: orNothing(info.service_network_cidr),
    additionalTrustBundle: info.additionalTrustBundle,
    container_storage_mountpoint_target: orNothing(info.container_storage_mountpoint_target),
    ingress_certificate_cn: orNothing(info.ingress_certificate_cn),
    machine_networks: orNothing(info.machine_networks),
  });
}
