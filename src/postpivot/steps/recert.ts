import { parseRecertConfig, type RecertConfig, renderRecertConfig } from '#api/recertConfig.ts';
import { debug } from '#base/logger.ts';
import { ETCD_POD, KUBECONFIG_CRYPTO, RECERT_CONFIG, RECERT_JOURNAL, RECERT_SUMMARY } from '../paths.ts';
import type { PostPivotWorld } from '../postPivot.ts';
import { type Identity, planRecertConfig, retainedCryptoFiles } from '../recertDocument.ts';

/**
 * Gives the cluster its new identity: recert works on etcd's data and on the host's files. A run that was cut off is
 * finished by recert's own journal; the original refuses to try again (lifecycle-agent 20, D6).
 */
export async function recertify(world: PostPivotWorld, identity: Identity): Promise<void> {
  const { files } = world.host;
  await files.makeDirectory(KUBECONFIG_CRYPTO, 0o700);
  for (const [path, pem] of retainedCryptoFiles(identity.target.KubeconfigCryptoRetention)) {
    await files.write(path, pem, { mode: 0o600 });
  }
  await files.remove(RECERT_SUMMARY);
  const work = (await unfinishedConfig(world)) ?? planRecertConfig(identity);
  await world.etcd.during(async (endpoint) => {
    const config = { ...work, etcd_endpoint: endpoint.replace(/^http:\/\//, '') };
    await files.write(RECERT_CONFIG, renderRecertConfig(config), { mode: 0o600 });
    const { stdout } = await world.host.run(world.recertCommand, { env: { RECERT_CONFIG } });
    for (const line of stdout.trim().split('\n')) debug(world.logger, line);
  });
}

/** recert finishes only what it began, so it gets the same document, whatever the half-changed host looks like now. */
async function unfinishedConfig({ host }: PostPivotWorld): Promise<RecertConfig | undefined> {
  if (!(await host.files.exists(RECERT_JOURNAL))) return undefined;
  const text = (await host.files.readIfExists(RECERT_CONFIG))?.toString('utf8');
  const config = text === undefined ? undefined : parseRecertConfig(text);
  return config?.ok ? config.value : undefined;
}

/** A new member with nothing but the live keys: history, WAL and free pages hold the seed's keys (additions.md). */
export async function rebuildEtcd(world: PostPivotWorld, identity: Identity): Promise<void> {
  const pod = (await world.host.files.readIfExists(ETCD_POD))?.toString('utf8') ?? '';
  // OpenShift's own pod takes the name from an environment variable that holds the node's name.
  const literal = /--name[= ]"?([\w.-]+)/.exec(pod)?.[1];
  const [ip] = identity.nodeIps;
  const address = ip!.includes(':') ? `[${ip}]` : ip;
  await world.etcd.rebuild({ name: literal ?? identity.hostname, peerUrl: `https://${address}:2380` });
}
