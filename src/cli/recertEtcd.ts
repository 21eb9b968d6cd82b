import { randomUUID } from 'node:crypto';
import type { RecertConfig } from '#api/recertConfig.ts';
import type { EtcdAccess } from '#recert/means.ts';
import { connectEtcd, type Etcd } from '#system/etcd.ts';
import { localHost } from '#system/localHost.ts';

/** The etcd that the configuration names: one that runs already, or one on a data directory that nobody else uses. */
export async function openEtcd(config: RecertConfig): Promise<EtcdAccess | undefined> {
  if (config.etcd_data_dir) return runOn(config.etcd_data_dir);
  if (!config.etcd_endpoint) return undefined;
  const { etcd_cacert, etcd_cert, etcd_key } = config;
  const read = async (path: string | undefined) => (path ? localHost.files.read(path) : undefined);
  const [ca, cert, key] = await Promise.all([read(etcd_cacert), read(etcd_cert), read(etcd_key)]);
  const etcd = connectEtcd(config.etcd_endpoint, {
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
  });
  return { etcd, close: async () => etcd.close() };
}

async function runOn(dataDir: string): Promise<EtcdAccess> {
  const { rebuildEtcdDataDirectory, startTemporaryEtcd } = await import('#system/temporaryEtcd.ts');
  const running = await startTemporaryEtcd(localHost, { dataDir });
  let etcd: Etcd | undefined = connectEtcd(running.endpoint);
  return {
    etcd,
    close: async () => {
      if (etcd === undefined) return;
      etcd.close();
      etcd = undefined;
      await running.stop();
    },
    rebuild: async (member) => {
      await rebuildEtcdDataDirectory(localHost, { dataDir, ...member, token: randomUUID() });
      return dataDir;
    },
  };
}
