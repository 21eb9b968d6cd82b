import * as z from 'zod';
import type { Parsed } from '#base/report.ts';
import { validateSeedReconfiguration } from './seedReconfigurationRules.ts';
import {
  decodeText,
  listOrOne,
  mapping,
  mappingOrEmpty,
  optional,
  textList,
  textMapping,
  textOrEmpty,
} from './shape.ts';

/** `api_version` of the documents that this program reads and writes. */
export const SEED_RECONFIGURATION_VERSION = 1;

/**
 * What a config ISO asks of a host that was installed from a seed image (`cluster-configuration/manifest.json`).
 *
 * Absent texts are `''`, absent lists are empty; an absent object is absent here too. The old singular keys
 * `node_ip` and `machine_network` are folded into the lists when read and written beside them when rendered.
 */
export interface SeedReconfiguration {
  readonly api_version: number;
  readonly base_domain: string;
  readonly cluster_name: string;
  readonly cluster_id: string;
  /** Empty: recert makes one of the cluster's name. */
  readonly infra_id: string;
  /** Primary first. Empty: the host's node-IP service decides. */
  readonly node_ips: readonly string[];
  readonly release_registry: string;
  /** Empty: the name that the host has. */
  readonly hostname: string;
  readonly KubeconfigCryptoRetention: KubeconfigCryptoRetention;
  /** Public keys of user `core`, one a line. Empty: the seed's stay. */
  readonly ssh_key: string;
  /** Host keys. Empty: new ones are made. */
  readonly server_ssh_keys: readonly ServerSshKey[];
  /** bcrypt. Empty: the cluster gets no kubeadmin. */
  readonly kubeadmin_password_hash: string;
  /** nmstate YAML. Empty: the network stays as it is. */
  readonly raw_nm_state_config: string;
  readonly pull_secret: string;
  /** Same order and families as the node IPs. */
  readonly machine_networks: readonly string[];
  readonly proxy?: ProxyConfiguration;
  /** Computed by post-pivot when absent. */
  readonly status_proxy?: ProxyConfiguration;
  readonly install_config: string;
  /** Whole `/etc/chrony.conf`. Empty: the seed's file stays. */
  readonly chrony_config: string;
  readonly additionalTrustBundle: TrustBundleConfiguration;
  readonly node_labels: Readonly<Record<string, string>>;
}

/** Key material that makes a kubeconfig valid that was handed out before the cluster ran. PEM; `''` is "make a new one". */
export interface KubeconfigCryptoRetention {
  readonly KubeAPICrypto: {
    readonly ServingCrypto: {
      readonly localhost_signer_private_key: string;
      readonly service_network_signer_private_key: string;
      readonly loadbalancer_external_signer_private_key: string;
    };
    readonly ClientAuthCrypto: {
      readonly admin_ca_certificate: string;
    };
  };
  /** Three s: the name is part of the format. */
  readonly IngresssCrypto: {
    readonly ingress_ca: string;
    /** `ingress-operator@<unix time>` */
    readonly ingress_certificate_cn: string;
  };
}

interface ServerSshKey {
  readonly file_name: string;
  readonly file_content: string;
}

export interface ProxyConfiguration {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

export interface TrustBundleConfiguration {
  readonly userCaBundle: string;
  readonly proxyConfigmapName: string;
  readonly proxyConfigmapBundle: string;
}

const proxy = mapping({ httpProxy: textOrEmpty, httpsProxy: textOrEmpty, noProxy: textOrEmpty });

const schema = mapping({
  api_version: z.int({ error: 'expected a whole number' }).default(0),
  base_domain: textOrEmpty,
  cluster_name: textOrEmpty,
  cluster_id: textOrEmpty,
  infra_id: textOrEmpty,
  node_ip: textOrEmpty,
  node_ips: textList,
  release_registry: textOrEmpty,
  hostname: textOrEmpty,
  KubeconfigCryptoRetention: mappingOrEmpty({
    KubeAPICrypto: mappingOrEmpty({
      ServingCrypto: mappingOrEmpty({
        localhost_signer_private_key: textOrEmpty,
        service_network_signer_private_key: textOrEmpty,
        loadbalancer_external_signer_private_key: textOrEmpty,
      }),
      ClientAuthCrypto: mappingOrEmpty({ admin_ca_certificate: textOrEmpty }),
    }),
    IngresssCrypto: mappingOrEmpty({ ingress_ca: textOrEmpty, ingress_certificate_cn: textOrEmpty }),
  }),
  ssh_key: textOrEmpty,
  server_ssh_keys: z.array(mapping({ file_name: textOrEmpty, file_content: textOrEmpty })).default([]),
  kubeadmin_password_hash: textOrEmpty,
  raw_nm_state_config: textOrEmpty,
  pull_secret: textOrEmpty,
  machine_network: textOrEmpty,
  machine_networks: textList,
  proxy: optional(proxy),
  status_proxy: optional(proxy),
  install_config: textOrEmpty,
  chrony_config: textOrEmpty,
  additionalTrustBundle: mappingOrEmpty({
    userCaBundle: textOrEmpty,
    proxyConfigmapName: textOrEmpty,
    proxyConfigmapBundle: textOrEmpty,
  }),
  node_labels: textMapping,
}).transform(
  ({ node_ip, machine_network, ...document }): SeedReconfiguration => ({
    ...document,
    node_ips: listOrOne(document.node_ips, node_ip),
    machine_networks: listOrOne(document.machine_networks, machine_network),
  }),
);

/**
 * Reads and validates the whole document before anything is done with it; every problem is reported.
 * Unknown fields are dropped with a warning and keys match without regard to case, as in the original.
 */
export function parseSeedReconfiguration(text: string): Parsed<SeedReconfiguration> {
  return decodeText(text, { schema, unknownKeys: 'warning', rules: validateSeedReconfiguration });
}

/** Compact JSON in the original's key order; empty values are left out except the version and the two structural objects. */
export function renderSeedReconfiguration(document: SeedReconfiguration): string {
  const orNothing = <T extends string | readonly unknown[]>(value: T): T | undefined =>
    value.length === 0 ? undefined : value;
  return JSON.stringify({
    additionalTrustBundle: document.additionalTrustBundle,
    api_version: document.api_version,
    base_domain: orNothing(document.base_domain),
    cluster_id: orNothing(document.cluster_id),
    cluster_name: orNothing(document.cluster_name),
    chrony_config: orNothing(document.chrony_config),
    hostname: orNothing(document.hostname),
    infra_id: orNothing(document.infra_id),
    kubeadmin_password_hash: orNothing(document.kubeadmin_password_hash),
    KubeconfigCryptoRetention: document.KubeconfigCryptoRetention,
    machine_network: document.machine_networks[0],
    machine_networks: orNothing(document.machine_networks),
    node_ip: document.node_ips[0],
    node_ips: orNothing(document.node_ips),
    raw_nm_state_config: orNothing(document.raw_nm_state_config),
    release_registry: orNothing(document.release_registry),
    ssh_key: orNothing(document.ssh_key),
    server_ssh_keys: orNothing(document.server_ssh_keys),
    proxy: document.proxy,
    status_proxy: document.status_proxy,
    install_config: orNothing(document.install_config),
    pull_secret: orNothing(document.pull_secret),
    node_labels: Object.keys(document.node_labels).length === 0 ? undefined : document.node_labels,
  });
}
