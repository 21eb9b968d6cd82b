import { randomBytes } from 'node:crypto';
import type { SeedClusterInfo } from '#api/seedClusterInfo.ts';
import { LAB_NETWORK } from '../network.ts';

/** What a seed image of that version would say of the cluster it was made of; names are new each time. */
export function describeSeed(version: string): SeedClusterInfo {
  return {
    seed_cluster_ocp_version: version,
    base_domain: 'seeds.example.com',
    cluster_name: `seed-${randomBytes(3).toString('hex')}`,
    node_ips: [LAB_NETWORK.gateway.replace(/\d+$/, '10')],
    release_registry: '',
    mirror_registry_configured: false,
    sno_hostname: 'seed',
    recert_image_pull_spec: '',
    has_proxy: false,
    has_fips: false,
    cluster_network_cidr: [],
    service_network_cidr: [],
    additionalTrustBundle: null,
    container_storage_mountpoint_target: '',
    ingress_certificate_cn: '',
    machine_networks: [LAB_NETWORK.subnet],
  };
}
