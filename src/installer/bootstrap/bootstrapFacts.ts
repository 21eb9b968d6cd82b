import type { DigestMirrors } from '#formats/registriesConf.ts';
import type { TemplateValues } from './template.ts';

/** What the scripts, units and settings of the bootstrap machine depend on. */
export interface BootstrapFacts {
  readonly platform: 'none' | 'external' | 'baremetal';
  readonly releaseImage: string;
  /** Of OPENSHIFT_INSTALL_EXPERIMENTAL_CLUSTER_PROFILE; absent when it is not overridden. */
  readonly clusterProfile?: string;
  /** `<cluster name>.<base domain>`. */
  readonly clusterDomain: string;
  /** Whether the first of the service networks is. */
  readonly isServiceNetworkIPv6: boolean;
  /** Of OPENSHIFT_INSTALL_BOOTSTRAP_NODE_IP, if it is an address. */
  readonly nodeIp?: string;
  /** Given when this machine itself becomes the single node (bootstrap in place). */
  readonly inPlace?: { readonly installationDisk: string };
  readonly isFips: boolean;
  /** JSON text. */
  readonly pullSecret: string;
  /** PEM text; empty when there is none. */
  readonly additionalTrustBundle: string;
  readonly registryMirrors: readonly DigestMirrors[];
  /** The status of the Proxy manifest; absent without a proxy. */
  readonly proxy?: ProxyStatus;
  /** What only the templates of the platform need. */
  readonly platformValues?: TemplateValues;
}

/** The proxy as programs on the machine are told of it. */
export interface ProxyStatus {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}
