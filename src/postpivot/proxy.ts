import type { SeedClusterInfo } from '#api/seedClusterInfo.ts';
import type { ProxyConfiguration, SeedReconfiguration } from '#api/seedReconfiguration.ts';
import { domainOf } from './clusterNames.ts';

/** Spec and status of the cluster's Proxy object. */
export interface ClusterProxy {
  readonly spec: ProxyConfiguration;
  readonly status: ProxyConfiguration;
}

/**
 * The cluster's proxy (lifecycle-agent 11.2): as given where the status is given too, otherwise with no_proxy made
 * complete as the network operator makes it. The seed's networks are known to seeds of ours; the original never
 * records them, and its result then differs from the operator's (20, D1).
 */
export function computeProxy(
  reconfiguration: SeedReconfiguration,
  seed: SeedClusterInfo,
): ClusterProxy | undefined {
  const { proxy, status_proxy } = reconfiguration;
  if (proxy === undefined) return undefined;
  if (status_proxy !== undefined) return { spec: proxy, status: status_proxy };
  const entries = [
    ...['127.0.0.1', 'localhost', '.svc', '.cluster.local', `api-int.${domainOf(reconfiguration)}`],
    ...reconfiguration.machine_networks,
    ...seed.service_network_cidr,
    ...seed.cluster_network_cidr,
    ...proxy.noProxy
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  ];
  const complete = { ...proxy, noProxy: [...new Set(entries)].sort().join(',') };
  return { spec: complete, status: complete };
}

/** recert's `proxy`: six fields joined by `|`. */
export const renderRecertProxy = ({ spec, status }: ClusterProxy): string =>
  [spec, status].flatMap((p) => [p.httpProxy, p.httpsProxy, p.noProxy]).join('|');
