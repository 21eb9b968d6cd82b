import { Failure } from '#base/failure.ts';
import { textAt } from '#formats/document.ts';
import { dataOf } from '#k8s/data.ts';
import {
  type EncryptionConfiguration,
  type EncryptionKey,
  isEncryptionCipher,
  isSealed,
  makeEncryptionConfiguration,
  openValue,
  parseEncryptionConfiguration,
  sealValue,
} from '#k8s/encryption.ts';
import { documentOf, parseResource, type Resource } from '#k8s/resource.ts';
import type { EtcdKeyValue } from '#system/etcd.ts';
import type { ClusterObjects } from './clusterObjects.ts';
import type { NodeFile } from './nodeFiles.ts';
import { objectPath } from './objectPath.ts';

const KUBE = 'openshift-kube-apiserver';

/** The API servers by their namespaces, with what OpenShift encrypts of each (spec recert 7.5). */
export const API_SERVERS = {
  [KUBE]: ['configmaps', 'secrets'],
  'openshift-apiserver': ['routes.route.openshift.io'],
  'openshift-oauth-apiserver': [
    'oauthaccesstokens.oauth.openshift.io',
    'oauthauthorizetokens.oauth.openshift.io',
  ],
} as const;

export type ApiServer = keyof typeof API_SERVERS;
export type EncryptionConfigurations = ReadonlyMap<ApiServer, EncryptionConfiguration>;

/** A cluster that encrypts: what it is read with, and what it gets. */
export interface Encryption {
  /** Every key of the cluster's present configurations. */
  readonly oldKeys: readonly EncryptionKey[];
  /** New ones, for the API servers that have one. */
  readonly configurations: EncryptionConfigurations;
}

/** kube-apiserver's configuration on the node, as the static pod of a revision mounts it. */
export const NODE_CONFIGURATION =
  /\/kube-apiserver-pod-(\d+)\/secrets\/encryption-config\/encryption-config$/;
export const CONFIGURATION_KEY = 'encryption-config';
const KEY_NAME = '1';
const KEY_BYTES = 32;

/** Resources whose path in etcd is not made of their name. */
const STORED_AT: Readonly<Record<string, string>> = {
  'oauthaccesstokens.oauth.openshift.io': 'oauth/accesstokens/',
  'oauthauthorizetokens.oauth.openshift.io': 'oauth/authorizetokens/',
};

/** Reads the objects of a cluster, sealed ones too, and makes new keys where it encrypts. */
export function openCluster(
  entries: readonly EtcdKeyValue[],
  from: {
    files: ReadonlyMap<string, NodeFile>;
    given: EncryptionConfigurations;
    random: (length: number) => Buffer;
  },
): { objects: ClusterObjects; encryption: Encryption | undefined } {
  const present = new Map<ApiServer, EncryptionConfiguration[]>([[KUBE, nodeConfigurations(from.files)]]);
  const opened = new Map<string, Buffer>();
  // The other API servers' configurations are Secrets, so kube-apiserver's keys open them.
  open(entries, opened, keysOf(present));
  for (const { key } of entries) {
    const server = /^secrets\/([^/]+)\/encryption-config$/.exec(objectPath(key))?.[1];
    const value = opened.get(key);
    if (value === undefined || !isApiServer(server)) continue;
    const text = dataOf(parseResource(key, value), CONFIGURATION_KEY);
    if (text !== undefined) present.set(server, [...(present.get(server) ?? []), parsed(text, key)]);
  }
  const oldKeys = keysOf(present);
  open(entries, opened, oldKeys);
  const objects = new Map(
    entries.map(({ key, value, modRevision, lease }) => {
      const plain = opened.get(key);
      if (plain === undefined) throw unreadable(key);
      return [key, { resource: parseResource(key, plain), modRevision, lease, stored: value }];
    }),
  );
  const sealedKey = entries.find(({ value }) => isSealed(value))?.key;
  const type = encryptionType([...objects.values()].map(({ resource }) => resource));
  if (!isEncryptionCipher(type)) {
    if (sealedKey !== undefined) throw migrating(sealedKey, type);
    return { objects, encryption: undefined };
  }
  const configurations = new Map<ApiServer, EncryptionConfiguration>();
  for (const [server, found] of present) {
    const key = { cipher: type, name: KEY_NAME, secret: from.random(KEY_BYTES) };
    if (found.length > 0)
      configurations.set(
        server,
        from.given.get(server) ?? makeEncryptionConfiguration(API_SERVERS[server], key),
      );
  }
  return { objects, encryption: { oldKeys, configurations } };
}

const isApiServer = (text: string | undefined): text is ApiServer =>
  text !== undefined && Object.hasOwn(API_SERVERS, text);

function open(
  entries: readonly EtcdKeyValue[],
  opened: Map<string, Buffer>,
  keys: readonly EncryptionKey[],
): void {
  for (const { key, value } of entries) {
    if (opened.has(key)) continue;
    const plain = isSealed(value) ? openValue(value, key, keys) : value;
    if (plain !== undefined) opened.set(key, plain);
  }
}

const keysOf = (configurations: ReadonlyMap<ApiServer, EncryptionConfiguration[]>): EncryptionKey[] =>
  [...configurations.values()].flat().flatMap(({ entries }) => entries.flatMap(({ keys }) => keys));

/** Of all revisions, the newest first: an older one may hold the key of what was not written since. */
function nodeConfigurations(files: ReadonlyMap<string, NodeFile>): EncryptionConfiguration[] {
  const revisionOf = (path: string) => Number(NODE_CONFIGURATION.exec(path)?.[1]);
  return [...files.values()]
    .filter(({ path }) => NODE_CONFIGURATION.test(path))
    .sort((a, b) => revisionOf(b.path) - revisionOf(a.path))
    .map(({ path, content }) => parsed(content.toString('utf8'), path));
}

function parsed(text: string, place: string): EncryptionConfiguration {
  try {
    return parseEncryptionConfiguration(text);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure({ code: 'recert/broken', message: `${place}: ${cause.message}`, cause });
  }
}

function encryptionType(objects: readonly Resource[]): string | undefined {
  const server = objects.find(({ key }) => objectPath(key) === 'config.openshift.io/apiservers/cluster');
  return server && textAt(documentOf(server), 'spec', 'encryption', 'type');
}

/** How an object is stored from now on; undefined: as it is. */
export type Seal = (etcdKey: string, value: Buffer) => Buffer | undefined;

export function sealWith({ configurations }: Encryption, random: (length: number) => Buffer): Seal {
  const entries = [...configurations.values()].flatMap((configuration) => configuration.entries);
  return (etcdKey, value) => {
    const path = objectPath(etcdKey);
    const entry = entries.find(({ resources }) => resources.some((resource) => isStoredAt(path, resource)));
    const key = entry?.isWrittenPlain ? undefined : entry?.keys[0];
    return key && sealValue(value, etcdKey, key, random);
  };
}

function isStoredAt(path: string, resource: string): boolean {
  const [name, ...group] = resource.split('.');
  const prefixes = [STORED_AT[resource] ?? `${name}/`, `${group.join('.')}/${name}/`];
  return prefixes.some((prefix) => path.startsWith(prefix));
}

/** The keys that everything can be read with once the plan is carried out. */
export const newKeys = ({ configurations }: Encryption): EncryptionKey[] =>
  [...configurations.values()].flatMap(({ entries }) => entries.flatMap(({ keys }) => keys));

const unreadable = (key: string): Failure =>
  new Failure({
    code: 'recert/encrypted-at-rest',
    message: `${key} is encrypted at rest with a key that is in none of the cluster's encryption configurations`,
    hint: 'kube-apiserver-pod-<revision>/secrets/encryption-config/encryption-config must be below cluster_customization_dirs, and its provider aescbc or aesgcm',
  });

const migrating = (key: string, type: string | undefined): Failure =>
  new Failure({
    code: 'recert/encrypted-at-rest',
    message: `${key} is encrypted at rest, but APIServer/cluster says encryption type ${type ?? 'none'}`,
    hint: 'wait on the seed cluster until the migration is over',
  });
