import type { KeyObject } from 'node:crypto';
import { stringify } from 'yaml';
import { listOf } from '#api/recertConfig.ts';
import { renderPemFile } from '#formats/pem.ts';
import type { Certificate } from '#pki/certificate.ts';
import { privateKeyDer, spkiDer } from '#pki/keys.ts';
import type { FoundCertificate, FoundKeyPair, FoundToken } from './inventory.ts';
import { type Location, renderLocation } from './location.ts';
import type { Regenerated } from './regenerate.ts';
import type { CryptoGraph } from './relate.ts';
import type { RunFacts, RunTimes } from './runFacts.ts';

const REDACTED = '<redacted>';

/** The summary files that the configuration asks for; `logs` are the lines logged so far. */
export function summaryTexts(facts: RunFacts, logs: readonly string[]): { path: string; text: string }[] {
  const { summary_file: complete, summary_file_clean: clean } = facts.config;
  return [
    ...(complete ? [{ path: complete, text: renderSummary(facts, logs, false) }] : []),
    ...(clean ? [{ path: clean, text: renderSummary(facts, logs, true) }] : []),
  ];
}

const FIRST_KEY = 'cluster_crypto:';

/** Whether a file is a summary, of this program or of the original. */
export const isSummary = ({ content }: { readonly content: Buffer }): boolean =>
  content.subarray(0, FIRST_KEY.length).toString('latin1') === FIRST_KEY &&
  content.includes('\nrecert_config:');

/** The summary document in the original's shape (spec recert 9.2); `isClean` leaves every secret out. */
function renderSummary(facts: RunFacts, logs: readonly string[], isClean: boolean): string {
  const crypto = new CryptoSummary(facts.graph, facts.regenerated, isClean);
  const document = {
    cluster_crypto: crypto.render(),
    recert_config: renderConfig(facts, isClean),
    logs,
    run_times: facts.runTimes === undefined ? null : renderTimes(facts.runTimes),
    error: facts.error ?? null,
  };
  return stringify(document, {
    version: '1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
    indentSeq: false,
  });
}

const seconds = (value: number): string => `${value.toFixed(3)}s`;

const renderTimes = (times: RunTimes) => ({
  scan_run_time: seconds(times.scan),
  rsa_run_time: seconds(times.rsa),
  processing_run_time: seconds(times.processing),
  commit_to_etcd_and_disk_run_time: seconds(times.commit),
  ocp_postprocessing_run_time: seconds(times.postprocessing),
  commit_to_actual_etcd_run_time: seconds(times.etcdCommit),
});

class CryptoSummary {
  readonly #graph: CryptoGraph | undefined;
  readonly #regenerated: Regenerated | undefined;
  readonly #isClean: boolean;

  constructor(graph: CryptoGraph | undefined, regenerated: Regenerated | undefined, isClean: boolean) {
    this.#graph = graph;
    this.#regenerated = regenerated;
    this.#isClean = isClean;
  }

  render() {
    const keyPairs = [...(this.#graph?.inventory.keyPairs.values() ?? [])];
    const certificates = [...(this.#graph?.inventory.certificates.values() ?? [])];
    const certified = new Set(certificates.map(({ keyPair }) => keyPair));
    return {
      standalone_private_keys: keyPairs
        .filter((pair) => pair.privateLocations.length > 0 && !certified.has(pair))
        .map((pair) => this.#privateKey(pair)),
      standalone_public_keys: keyPairs
        .filter((pair) => pair.publicLocations.length > 0)
        .map((pair) => this.#publicKey(pair)),
      cert_key_pairs: certificates
        .filter((found) => !this.#graph?.issuers.has(found))
        .map((found) => this.#pair(found, new Set())),
    };
  }

  #pair(found: FoundCertificate, above: ReadonlySet<FoundCertificate>): object {
    const signees = (this.#graph?.signees.get(found) ?? []).filter((signee) => !above.has(signee));
    const { keyPair } = found;
    return {
      pair_private_key: keyPair.privateLocations.length > 0 ? this.#privateKey(keyPair) : null,
      pair_cert: {
        certificate: renderCertificate(found.certificate),
        certificate_regenerated: this.#renewed(found),
        locations: renderLocations(found.locations),
      },
      signees: signees.map((signee) => this.#pair(signee, new Set([...above, found]))),
      associated_public_key: keyPair.publicLocations.length > 0 ? this.#publicKey(keyPair) : null,
    };
  }

  #renewed(found: FoundCertificate): object | null {
    const renewed = this.#regenerated?.certificates.get(found);
    return renewed === undefined ? null : renderCertificate(renewed);
  }

  #privateKey(pair: FoundKeyPair): object {
    const fresh = this.#regenerated?.keys.get(pair);
    return {
      key: this.#secret(() => renderPrivateKey(pair.privateKey)),
      key_regenerated: this.#secret(() => renderPrivateKey(fresh)),
      locations: renderLocations(pair.privateLocations),
      signees: this.#tokensOf(pair).map((found) => this.#token(found)),
      associated_distributed_public_key: pair.publicLocations.length > 0 ? this.#publicKey(pair) : null,
    };
  }

  #publicKey(pair: FoundKeyPair): object {
    const fresh = this.#regenerated?.keys.get(pair);
    return {
      key: renderPublicKey(pair.publicKey),
      key_regenerated: fresh === undefined ? null : renderPublicKey(fresh),
      locations: renderLocations(pair.publicLocations),
      associated: pair.privateLocations.length > 0,
    };
  }

  #tokensOf(pair: FoundKeyPair): FoundToken[] {
    return [...(this.#graph?.tokenSigners ?? [])]
      .filter(([, signer]) => signer === pair)
      .map(([token]) => token);
  }

  #token(found: FoundToken): object {
    return {
      jwt: this.#secret(() => found.token),
      jwt_regenerated: this.#secret(() => this.#regenerated?.tokens.get(found.token) ?? null),
      locations: renderLocations(found.locations),
    };
  }

  #secret<T>(reveal: () => T): T | string {
    return this.#isClean ? REDACTED : reveal();
  }
}

function renderCertificate(certificate: Certificate) {
  const utc = (date: Date) => `${date.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`;
  return {
    issuer: certificate.issuer.friendly,
    subject: certificate.subject.friendly,
    validity_start: utc(certificate.notBefore.date),
    validity_end: utc(certificate.notAfter.date),
    sans: certificate.altNames.map((name) => (name.type === 'other' ? '<other>' : name.value)),
    pem: base64Pem('CERTIFICATE', certificate.der),
  };
}

/** The original's PEM library writes CRLF here. */
const base64Pem = (label: string, der: Buffer): string =>
  Buffer.from(renderPemFile(label, der).replaceAll('\n', '\r\n')).toString('base64');

const renderPrivateKey = (key: KeyObject | undefined): string | null =>
  key?.type === 'private' ? base64Pem('PRIVATE KEY', privateKeyDer(key, 'pkcs8')) : null;

const renderPublicKey = (key: KeyObject): string =>
  base64Pem(key.asymmetricKeyType === 'rsa' ? 'RSA PUBLIC KEY' : 'PUBLIC KEY', spkiDer(key));

const renderLocations = (locations: readonly Location[]) => ({
  k8s: locations.filter(({ holder }) => holder.type === 'etcd').map(renderLocation),
  filesystem: locations.filter(({ holder }) => holder.type === 'file').map(renderLocation),
});

function renderConfig({ config, options, infraId, configFile }: RunFacts, isClean: boolean) {
  const hidden = <T>(value: T): T | string => (isClean ? REDACTED : value);
  // Holds keys; the original prints them.
  const encryption = (text: string | undefined) => (text ? { config: hidden(text) } : null);
  const cluster = options?.cluster;
  const proxy = options?.proxy;
  const settings = (p: { httpProxy: string; httpsProxy: string; noProxy: string }) => ({
    http_proxy: p.httpProxy,
    https_proxy: p.httpsProxy,
    no_proxy: p.noProxy,
  });
  return {
    dry_run: config.dry_run === true,
    postprocess_only: config.postprocess_only === true,
    etcd_endpoint: config.etcd_endpoint ?? null,
    crypto_customizations: {
      dirs: options?.paths.cryptoDirs ?? [],
      files: options?.paths.cryptoFiles ?? [],
      cn_san_replace_rules: options?.crypto.nameRules ?? [],
      ip_change_only: config.ip_change_only === true,
      use_key_rules: (options?.crypto.useKeys ?? []).map(({ commonName }) => ({
        key_cert_cn: commonName,
        private_key: REDACTED,
      })),
      use_cert_rules: (options?.crypto.useCertificates ?? []).map((certificate) => ({
        cert: renderPemFile('CERTIFICATE', certificate.der),
      })),
      extend_expiration: config.extend_expiration === true,
      force_expire: config.force_expire === true,
    },
    cluster_customizations: {
      dirs: options?.paths.customizationDirs ?? [],
      files: options?.paths.customizationFiles ?? [],
      cluster_rename: cluster
        ? {
            cluster_name: cluster.name,
            cluster_base_domain: cluster.baseDomain,
            infra_id: cluster.infraId ?? infraId ?? null,
          }
        : null,
      hostname: config.hostname ?? null,
      ip_addresses: listOf(config.ip),
      proxy: proxy ? { spec_proxy: settings(proxy.spec), status_proxy: settings(proxy.status) } : null,
      // May hold pull secrets and keys; the original prints it.
      install_config: config.install_config === undefined ? null : hidden(config.install_config),
      kubeadmin_password_hash:
        config.kubeadmin_password_hash === undefined ? null : hidden(config.kubeadmin_password_hash),
      pull_secret: hidden(config.pull_secret ?? null),
      user_ca_bundle: options?.userCaBundle ?? null,
      proxy_trusted_ca_bundle: options?.proxyTrust
        ? { configmap_name: options.proxyTrust.configMap, ca_bundle: options.proxyTrust.bundle }
        : null,
      machine_network_cidrs: listOf(config.machine_network_cidr),
      chrony_config: config.chrony_config ?? null,
    },
    encryption_customizations: {
      kube_encryption_config: encryption(config.kube_encryption_config),
      openshift_encryption_config: encryption(config.openshift_encryption_config),
      oauth_encryption_config: encryption(config.oauth_encryption_config),
    },
    threads: config.threads ?? null,
    regenerate_server_ssh_keys: config.regenerate_server_ssh_keys ?? null,
    summary_file: config.summary_file ?? null,
    summary_file_clean: config.summary_file_clean ?? null,
    etcd_defrag: config.etcd_defrag === true,
    config_file_raw: configFile === undefined ? null : hidden(configFile),
    cli_raw: null,
  };
}
