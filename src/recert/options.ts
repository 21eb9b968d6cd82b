import type { KeyObject } from 'node:crypto';
import { listOf, type RecertConfig } from '#api/recertConfig.ts';
import { Failure } from '#base/failure.ts';
import { scanPem } from '#formats/pem.ts';
import { type EncryptionConfiguration, parseEncryptionConfiguration } from '#k8s/encryption.ts';
import { type Certificate, parseCertificate } from '#pki/certificate.ts';
import { parsePrivateKey } from '#pki/keys.ts';
import type { NameRule } from '#pki/nameRules.ts';
import type { Files } from '#system/host.ts';
import type { ApiServer, EncryptionConfigurations } from './encryption.ts';
import { type GivenObjects, parseGivenObject } from './givenObjects.ts';
import type { NodePaths } from './nodeFiles.ts';
import type { CryptoRules } from './regenerate.ts';
import type { ProxySettings } from './renames.ts';
import type { SpecTemplates } from './rules/specHashes.ts';
import { type ProxyTrust, USER_BUNDLE } from './trustBundles.ts';

/** What the configuration says, read as far as it can be without the cluster. */
export interface RecertOptions {
  readonly paths: NodePaths;
  readonly crypto: CryptoRules;
  readonly cluster?: { readonly name: string; readonly baseDomain: string; readonly infraId?: string };
  readonly addresses: readonly string[];
  readonly proxy?: { readonly spec: ProxySettings; readonly status: ProxySettings };
  readonly machineNetworks?: readonly string[];
  readonly userCaBundle?: string;
  readonly proxyTrust?: ProxyTrust;
  readonly encryption: EncryptionConfigurations;
  readonly specTemplates: SpecTemplates;
  readonly given: GivenObjects;
}

const refusal = (key: string, reason: string, hint?: string): Failure =>
  new Failure({ code: 'recert/config', message: `${key}: ${reason}`, ...(hint !== undefined && { hint }) });

/** Reads rules, keys and certificates of the configuration. Failure `recert/config` names the key, never a value. */
export async function resolveOptions(config: RecertConfig, files: Files): Promise<RecertOptions> {
  const machineNetworks = listOf(config.machine_network_cidr);
  const cluster = parseClusterRename(config.cluster_rename);
  const proxy = parseProxy(config.proxy);
  const trust = await readTrustBundles(config, files);
  return {
    paths: await existing(files, pathsOf(config)),
    crypto: {
      nameRules: (config.cn_san_replace_rules ?? []).map(parseNameRule),
      ipChangeOnly: config.ip_change_only === true,
      useKeys: await Promise.all((config.use_key_rules ?? []).map((rule) => readKeyRule(rule, files))),
      useCertificates: await Promise.all(
        (config.use_cert_rules ?? []).map((rule) => readCertificateRule(rule, files)),
      ),
      validity: config.extend_expiration ? 'extend' : config.force_expire ? 'expire' : 'keep',
    },
    ...(cluster && { cluster }),
    addresses: listOf(config.ip),
    ...(proxy && { proxy }),
    ...(machineNetworks.length > 0 && { machineNetworks }),
    ...trust,
    encryption: await readEncryption(config, files),
    specTemplates: await readSpecTemplates(config, files),
    given: await readGivenObjects(config, files),
  };
}

/** The deprecated options are both of the others. */
function pathsOf(config: RecertConfig): NodePaths {
  const [dirs, files] = [config.static_dirs ?? [], config.static_files ?? []];
  return {
    cryptoDirs: [...dirs, ...(config.crypto_dirs ?? [])],
    cryptoFiles: [...files, ...(config.crypto_files ?? [])],
    customizationDirs: [...dirs, ...(config.cluster_customization_dirs ?? [])],
    customizationFiles: [...files, ...(config.cluster_customization_files ?? [])],
  };
}

async function existing(files: Files, paths: NodePaths): Promise<NodePaths> {
  const check = async (path: string, wanted: 'directory' | 'file') => {
    const kind = (await files.facts(path))?.kind;
    if (kind === undefined) throw refusal(path, 'does not exist');
    if (kind !== wanted && kind !== 'symlink') throw refusal(path, `is no ${wanted}`);
  };
  for (const path of [...paths.cryptoDirs, ...paths.customizationDirs]) await check(path, 'directory');
  for (const path of [...paths.cryptoFiles, ...paths.customizationFiles]) await check(path, 'file');
  return paths;
}

/** A comma anywhere means comma splitting, so that IPv6 addresses can be given. */
function parseNameRule(rule: string): NameRule {
  const parts = rule.split(rule.includes(',') ? ',' : ':');
  const [old, wanted] = parts;
  if (parts.length !== 2 || !old || !wanted)
    throw refusal('cn_san_replace_rules', `"${rule}" is not old:new or old,new`);
  return { old, new: wanted };
}

function parseClusterRename(text: string | undefined): RecertOptions['cluster'] {
  if (text === undefined) return undefined;
  const parts = text.split(':');
  const [name, baseDomain, infraId] = parts;
  if (!name || !baseDomain || parts.length > 3 || infraId === '')
    throw refusal('cluster_rename', `"${text}" is not name:base.domain or name:base.domain:infra-id`);
  return { name, baseDomain, ...(infraId !== undefined && { infraId }) };
}

function parseProxy(text: string | undefined): RecertOptions['proxy'] {
  if (text === undefined) return undefined;
  const parts = text.split('|');
  if (parts.length !== 6) throw refusal('proxy', `needs six parts joined by |, has ${parts.length}`);
  const settings = (from: number): ProxySettings => ({
    httpProxy: parts[from] ?? '',
    httpsProxy: parts[from + 1] ?? '',
    noProxy: parts[from + 2] ?? '',
  });
  return { spec: settings(0), status: settings(3) };
}

/** `CN:path`, or `CN path` where there is no colon; PEM may stand in the place of the path. Names may hold colons. */
async function readKeyRule(rule: string, files: Files): Promise<{ commonName: string; key: KeyObject }> {
  const inline = rule.indexOf('-----BEGIN ');
  const head = inline === -1 ? rule : rule.slice(0, inline);
  const at = inline === -1 ? separatorBeforePath(head) : head.length - 1;
  const commonName = head.slice(0, at);
  if (at <= 0 || commonName === '') throw refusal('use_key_rules', 'a rule is not "CN path" or "CN:path"');
  const value = rule.slice(at + 1);
  const name = `use_key_rules "${commonName}"`;
  const [block, ...more] = await pemBlocks(name, value, files);
  if (block === undefined || more.length > 0) throw refusal(name, 'must give exactly one PEM key');
  return { commonName, key: parsePrivateKey(block).key };
}

/** Paths are absolute, so the last colon or blank before a slash splits; else the first colon, else the first blank. */
function separatorBeforePath(rule: string): number {
  const absolute = Math.max(rule.lastIndexOf(':/'), rule.lastIndexOf(' /'));
  if (absolute !== -1) return absolute;
  return rule.includes(':') ? rule.indexOf(':') : rule.indexOf(' ');
}

async function readCertificateRule(rule: string, files: Files): Promise<Certificate> {
  const [block, ...more] = await pemBlocks('use_cert_rules', rule, files);
  if (block?.label !== 'CERTIFICATE' || more.length > 0)
    throw refusal('use_cert_rules', 'each must be exactly one PEM block CERTIFICATE');
  return parseCertificate(block.der);
}

/** A proxy that trusts the user's bundle is named alone; every other ConfigMap comes with its bundle. */
async function readTrustBundles(
  config: RecertConfig,
  files: Files,
): Promise<Pick<RecertOptions, 'userCaBundle' | 'proxyTrust'>> {
  const key = 'proxy_trusted_ca_bundle';
  const { user_ca_bundle: user, [key]: proxy } = config;
  const userCaBundle = user ? await readBundle('user_ca_bundle', user, files) : undefined;
  const own = userCaBundle === undefined ? {} : { userCaBundle };
  if (!proxy) return own;
  const colon = proxy.indexOf(':');
  const [configMap, given] = [proxy.slice(0, colon), proxy.slice(colon + 1)];
  if (colon <= 0) throw refusal(key, 'is not the name of a ConfigMap, a colon and a bundle');
  if (configMap !== USER_BUNDLE) {
    if (given === '') throw refusal(key, `no bundle is given for ${configMap}`);
    return { ...own, proxyTrust: { configMap, bundle: await readBundle(key, given, files) } };
  }
  if (given !== '') throw refusal(key, `${USER_BUNDLE} takes its bundle from user_ca_bundle, not from here`);
  if (userCaBundle === undefined)
    throw refusal(key, `names ${USER_BUNDLE}, so user_ca_bundle must be given too`);
  return { ...own, proxyTrust: { configMap, bundle: userCaBundle } };
}

const ENCRYPTION_KEYS = [
  ['kube_encryption_config', 'openshift-kube-apiserver'],
  ['openshift_encryption_config', 'openshift-apiserver'],
  ['oauth_encryption_config', 'openshift-oauth-apiserver'],
] as const;

async function readEncryption(config: RecertConfig, files: Files): Promise<EncryptionConfigurations> {
  const configurations = new Map<ApiServer, EncryptionConfiguration>();
  const configured = new Map<string, string>();
  for (const [key, server] of ENCRYPTION_KEYS) {
    const value = config[key];
    if (!value) continue;
    const text = value.includes('{') ? value : (await contentOf(key, value, files)).toString('utf8');
    const configuration = parsedEncryption(key, text);
    for (const resource of configuration.entries.flatMap(({ resources }) => resources)) {
      const other = configured.get(resource);
      if (other !== undefined) throw refusal(key, `is for ${resource}, which ${other} is for too`);
      configured.set(resource, key);
    }
    configurations.set(server, configuration);
  }
  return configurations;
}

function parsedEncryption(key: string, text: string): EncryptionConfiguration {
  try {
    return parseEncryptionConfiguration(text);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw refusal(key, cause.message, cause.hint);
  }
}

async function readSpecTemplates(config: RecertConfig, files: Files): Promise<SpecTemplates> {
  const { openshift_apiserver_spec_template: apiServer, oauth_apiserver_spec_template: oauth } = config;
  const read = async (key: string, path: string) =>
    (await contentOf(key, path, files)).toString('utf8').trimEnd();
  return {
    ...(apiServer && { openshiftApiServer: await read('openshift_apiserver_spec_template', apiServer) }),
    ...(oauth && { oauthApiServer: await read('oauth_apiserver_spec_template', oauth) }),
  };
}

async function readGivenObjects(config: RecertConfig, files: Files): Promise<GivenObjects> {
  const texts = (config.put_objects ?? []).map(async (value) =>
    value.includes('{') ? value : (await contentOf('put_objects', value, files)).toString('utf8'),
  );
  return { puts: (await Promise.all(texts)).map(parseGivenObject), deletes: config.delete_objects ?? [] };
}

/** The text as it is, comments included. */
async function readBundle(key: string, value: string, files: Files): Promise<string> {
  const text = (await contentOf(key, value, files)).toString('utf8');
  const { blocks, defects } = scanPem(text);
  if (blocks.length === 0 || defects.length > 0 || blocks.some(({ label }) => label !== 'CERTIFICATE'))
    throw refusal(key, 'must hold certificates in PEM, and no other blocks');
  return text;
}

async function pemBlocks(key: string, value: string, files: Files) {
  return scanPem(await contentOf(key, value, files)).blocks;
}

/** Values with line breaks are the content itself, others name a file. */
async function contentOf(key: string, value: string, files: Files): Promise<Buffer> {
  if (value.includes('\n')) return Buffer.from(value);
  const content = await files.readIfExists(value);
  if (content === undefined) throw refusal(key, `file ${value} does not exist`);
  return content;
}
