import { Failure } from '#base/failure.ts';
import { itemsAt, textAt } from '#formats/document.ts';
import { dataKeys } from '#k8s/data.ts';
import { documentOf, identityOf, type Resource } from '#k8s/resource.ts';
import type { NameRule } from '#pki/nameRules.ts';
import type { Encryption } from './encryption.ts';
import type { SpecTemplates } from './rules/specHashes.ts';
import type { MergedProxyTrust } from './trustBundles.ts';

export interface Change {
  readonly old: string;
  readonly new: string;
}

export interface ClusterName {
  readonly name: string;
  readonly baseDomain: string;
  /** `name.baseDomain`. */
  readonly domain: string;
  readonly infraId: string;
  /** Domain of the seed, where the cluster says it. */
  readonly oldDomain: string | undefined;
}

export interface ProxySettings {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/** What the configuration asks to be renamed or replaced, with what the cluster has now; absent = leave it. */
export interface Renames {
  readonly cluster?: ClusterName;
  readonly hostname?: Change;
  /** One pair per address family, primary first. */
  readonly addresses: readonly Change[];
  readonly nameRules: readonly NameRule[];
  readonly proxy?: { readonly spec: ProxySettings; readonly status: ProxySettings };
  readonly installConfig?: string;
  /** Empty: delete the kubeadmin secret. */
  readonly kubeadminPasswordHash?: string;
  readonly pullSecret?: string;
  readonly userCaBundle?: string;
  readonly proxyTrust?: MergedProxyTrust;
  /** Present where the cluster encrypts at rest: it always gets new keys. */
  readonly encryption?: Encryption;
  readonly machineNetworks?: readonly string[];
  readonly chronyConfig?: string;
  readonly specTemplates?: SpecTemplates;
  /** False for a run that keeps all keys and certificates. */
  readonly renewsCrypto: boolean;
}

/** A name as safe for environment variables as OpenShift's etcd operator makes it. */
export const environmentName = (hostname: string): string => hostname.replaceAll(/[-.]/g, '_');

const ETCD_CERTIFICATE = /^etcd-peer-(.+)\.crt$/;

/**
 * The node's name as the etcd certificates have it, or as the one Node object has it; undefined where neither is
 * left, as after an earlier run.
 */
export function currentHostname(objects: Iterable<readonly [path: string, Resource]>): string | undefined {
  const certified = new Set<string>();
  const nodes: string[] = [];
  for (const [path, resource] of objects) {
    if (path.startsWith('minions/')) nodes.push(identityOf(resource).name);
    if (!path.startsWith('secrets/openshift-etcd/etcd-all-certs')) continue;
    for (const key of dataKeys(resource)) {
      const name = ETCD_CERTIFICATE.exec(key)?.[1];
      if (name !== undefined) certified.add(name);
    }
  }
  const names = certified.size > 0 ? [...certified] : nodes;
  if (names.length < 2) return names[0];
  throw new Failure({
    code: 'recert/hostname-unclear',
    message: `expected exactly one node in the cluster, found ${names.sort().join(', ')}`,
    hint: 'recert renames single-node clusters; leave hostname out, or remove what is left of other nodes',
  });
}

/** The node's internal addresses in their order; undefined where an earlier run has deleted the node already. */
export function currentAddresses(nodes: readonly Resource[]): string[] | undefined {
  const [node, ...others] = nodes;
  if (node === undefined) return undefined;
  if (others.length > 0) {
    throw new Failure({
      code: 'recert/node-count',
      message: `Expected exactly one node in the cluster, found ${nodes.length}`,
      hint: 'recert changes the address of single-node clusters only',
    });
  }
  return itemsAt(documentOf(node), 'status', 'addresses')
    .filter((address) => textAt(address, 'type') === 'InternalIP')
    .map((address) => textAt(address, 'address') ?? '');
}

/** Pairs old and new addresses; those that stay the same are left out. */
export function addressChanges(old: readonly string[], wanted: readonly string[]): Change[] {
  if (wanted.length === 0) return [];
  if (old.length !== wanted.length) {
    throw new Failure({
      code: 'recert/address-count',
      message: `the node has ${old.length} internal address(es) (${old.join(', ')}), but ${wanted.length} new one(s) are given`,
      hint: 'give as many values of ip as the node has addresses, the primary first',
    });
  }
  return wanted.map((value, index) => ({ old: old[index]!, new: value })).filter((c) => c.old !== c.new);
}

/** The seed's domain, from the DNS or the Infrastructure object. */
export function currentDomain(find: (path: string) => Resource | undefined): string | undefined {
  const dns = find('config.openshift.io/dnses/cluster');
  const domain = dns && textAt(documentOf(dns), 'spec', 'baseDomain');
  if (domain !== undefined && domain !== '') return domain;
  const infrastructure = find('config.openshift.io/infrastructures/cluster');
  const url = infrastructure && textAt(documentOf(infrastructure), 'status', 'apiServerURL');
  return url && /^https:\/\/api\.([^:/]+)/.exec(url)?.[1];
}

const INFRA_ID_NAME = 21;
const INFRA_ID_RANDOM = 5;
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** An infra ID as the original makes it: the name made harmless and short, then five random characters. */
export function infraIdOf(name: string, random: (length: number) => Buffer): string {
  const head = name
    .replaceAll(/[^A-Za-z0-9-]/g, '-')
    .replaceAll(/-+/g, '-')
    .slice(0, INFRA_ID_NAME)
    .replace(/-+$/, '');
  let tail = '';
  while (tail.length < INFRA_ID_RANDOM) {
    // Bytes beyond a multiple of 62 would make some characters likelier than others.
    const byte = random(1)[0]!;
    if (byte < 248) tail += ALPHANUMERIC[byte % ALPHANUMERIC.length];
  }
  return `${head}-${tail}`;
}
