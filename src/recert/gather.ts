import type { RecertConfig } from '#api/recertConfig.ts';
import type { Resource } from '#k8s/resource.ts';
import type { Etcd } from '#system/etcd.ts';
import type { Draft } from './applyRules.ts';
import { type ClusterObjects, readEntries } from './clusterObjects.ts';
import { openCluster } from './encryption.ts';
import { type RecertMeans, sayWarning } from './means.ts';
import { type NodeFile, readNodeFiles } from './nodeFiles.ts';
import { objectPath } from './objectPath.ts';
import type { RecertOptions } from './options.ts';
import {
  addressChanges,
  currentAddresses,
  currentDomain,
  currentHostname,
  infraIdOf,
  type Renames,
} from './renames.ts';
import { isSummary } from './summary.ts';
import { mergedProxyTrust } from './trustBundles.ts';

/** The cluster and the node's files as they were read, and what is to be renamed in them. */
export interface ClusterState {
  readonly objects: ClusterObjects;
  /** Of all keys in etcd, those of idle objects too. */
  readonly count: number;
  readonly files: ReadonlyMap<string, NodeFile>;
  /** Summaries that earlier runs wrote between the files, as lifecycle-agent has them do: they are about keys that are no more. */
  readonly oldSummaries: readonly NodeFile[];
  readonly renames: Renames;
  /** An object by its path without the storage prefix. */
  find(path: string): Resource | undefined;
  /** A fresh copy to work on. */
  draft(): Draft;
}

export async function gather(from: {
  config: RecertConfig;
  options: RecertOptions;
  etcd: Etcd | undefined;
  means: RecertMeans;
}): Promise<ClusterState> {
  const { config, options, etcd, means } = from;
  const { entries, count } = etcd === undefined ? { entries: [], count: 0 } : await readEntries(etcd);
  const all = [...(await readNodeFiles(means.host.files, options.paths))];
  const oldSummaries = config.postprocess_only ? [] : all.map(([, file]) => file).filter(isSummary);
  const files = new Map(all.filter(([, file]) => !oldSummaries.includes(file)));
  const given = options.encryption;
  const { objects, encryption } = openCluster(entries, { files, given, random: means.random });
  if (encryption === undefined && given.size > 0)
    sayWarning(means, 'scan', 'the cluster does not encrypt at rest: the given configurations are not used');
  const paths = new Map([...objects].map(([key, { resource }]) => [objectPath(key), resource]));
  const find = (path: string) => paths.get(path);
  const renames = { ...renamesOf(config, options, paths, means), ...(encryption && { encryption }) };
  return { objects, count, files, oldSummaries, renames, find, draft: () => draftOf(objects, files) };
}

function draftOf(objects: ClusterObjects, files: ReadonlyMap<string, NodeFile>): Draft {
  return {
    objects: new Map([...objects].map(([key, { resource }]) => [key, resource])),
    files: new Map(
      [...files].map(([path, { content, isListed, isCustomized }]) => [
        path,
        { content, isListed, isCustomized },
      ]),
    ),
    fileNames: new Map(),
    renamedObjects: new Map(),
  };
}

function renamesOf(
  config: RecertConfig,
  options: RecertOptions,
  paths: ReadonlyMap<string, Resource>,
  means: RecertMeans,
): Renames {
  const nodes = [...paths].filter(([path]) => path.startsWith('minions/')).map(([, node]) => node);
  const hasCluster = paths.size > 0;
  const { cluster, addresses } = options;
  const oldHostname = config.hostname && hasCluster ? currentHostname(paths) : undefined;
  const oldAddresses = addresses.length > 0 && hasCluster ? currentAddresses(nodes) : undefined;
  if (addresses.length > 0 && hasCluster && oldAddresses === undefined)
    sayWarning(means, 'scan', 'no Node object is left: its address is taken as changed by an earlier run');
  return {
    ...(cluster && {
      cluster: {
        ...cluster,
        domain: `${cluster.name}.${cluster.baseDomain}`,
        infraId: cluster.infraId ?? infraIdOf(cluster.name, means.random),
        oldDomain: currentDomain((path) => paths.get(path)),
      },
    }),
    // Renaming to the same name would put and delete the same objects.
    ...(config.hostname &&
      oldHostname !== undefined &&
      oldHostname !== config.hostname && { hostname: { old: oldHostname, new: config.hostname } }),
    addresses: oldAddresses === undefined ? [] : addressChanges(oldAddresses, addresses),
    nameRules: options.crypto.nameRules,
    ...(options.proxy && { proxy: options.proxy }),
    ...(config.install_config !== undefined && { installConfig: config.install_config }),
    ...(config.kubeadmin_password_hash !== undefined && {
      kubeadminPasswordHash: config.kubeadmin_password_hash,
    }),
    ...(config.pull_secret && { pullSecret: config.pull_secret }),
    ...(options.userCaBundle !== undefined && { userCaBundle: options.userCaBundle }),
    ...(options.proxyTrust && {
      proxyTrust: mergedProxyTrust(options.proxyTrust, (path) => paths.get(path)),
    }),
    ...(options.machineNetworks && { machineNetworks: options.machineNetworks }),
    specTemplates: options.specTemplates,
    ...(config.chrony_config && { chronyConfig: config.chrony_config }),
    renewsCrypto: !config.postprocess_only,
  };
}
