import type { InstallConfig, ProxySettings } from '#api/installConfig.ts';
import { defineAsset } from '../../asset.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { USER_CA_BUNDLE } from './additionalTrustBundle.ts';
import { clusterObject, manifestFile } from './manifestFile.ts';
import { networkingManifest } from './networkingManifest.ts';

interface ProxyManifestValue extends FileListValue {
  /** The proxy as programs are told of it; null without a proxy. */
  readonly Status: ProxySettings | null;
}

/** The cluster's proxy (spec/installer/05.2); without one an empty object that one can be written into later. */
export const proxyManifest = defineAsset({
  name: 'Proxy Config',
  stateKey: '*manifests.Proxy',
  inputs: { installConfig, networkingManifest },
  generate({ installConfig: { config } }): ProxyManifestValue {
    const { proxy } = config;
    const status = proxy === undefined ? null : { ...proxy, noProxy: completeNoProxy(proxy, config) };
    const trusted = isBundleForProxy(config) ? USER_CA_BUNDLE : '';
    const object = clusterObject('Proxy', {
      spec: { ...(proxy && withoutEmpty(proxy)), trustedCA: { name: trusted } },
      status: status === null ? {} : withoutEmpty(status),
    });
    return { FileList: [manifestFile('cluster-proxy-01-config.yaml', object)], Status: status };
  },
});

/** Everything in the cluster uses the bundle if the policy says so; otherwise it is for a proxy that looks into TLS. */
const isBundleForProxy = (config: InstallConfig): boolean =>
  config.additionalTrustBundle !== '' &&
  (config.additionalTrustBundlePolicy === 'Always' || config.proxy !== undefined);

/** What must never go through the proxy, with what the user adds (spec/installer/05.5). `*` is everything already. */
function completeNoProxy({ noProxy }: ProxySettings, config: InstallConfig): string {
  if (noProxy === '*') return noProxy;
  const { machineNetwork = [], serviceNetwork = [], clusterNetwork = [] } = config.networking ?? {};
  const entries = [
    ...['127.0.0.1', 'localhost', '.svc', '.cluster.local', `api-int.${clusterDomainOf(config)}`],
    ...serviceNetwork,
    ...machineNetwork.map(({ cidr }) => cidr),
    ...clusterNetwork.map(({ cidr }) => cidr),
    ...noProxy.split(',').filter((entry) => entry !== ''),
  ];
  return [...new Set(entries)].sort().join(',');
}

const withoutEmpty = (settings: ProxySettings): object =>
  Object.fromEntries(Object.entries(settings).filter(([, text]) => text !== ''));
