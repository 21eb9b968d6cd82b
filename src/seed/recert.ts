import { hash } from 'bcryptjs';
import { type RecertConfig, renderRecertConfig } from '#api/recertConfig.ts';
import { parseSeedClusterInfo } from '#api/seedClusterInfo.ts';
import { info } from '#base/logger.ts';
import type { Host } from '#system/host.ts';
import { startTemporaryEtcd } from '#system/temporaryEtcd.ts';
import { RECERT_SUMMARIES, SEED_PATHS, type SeedContext } from './context.ts';
import { keptPullSecret, restoreKubeletAuthfile, sanitisedPullSecret, usableAuthfile } from './pullSecret.ts';
import { ADMIN_CA_FILE, INGRESS_KEY_FILE, KUBEADMIN_HASH_FILE, SIGNER_FILES } from './seedKeys.ts';

/** Host paths, because recert runs natively (additions.md, part 2, 3). */
const CRYPTO_DIRECTORIES = ['/var/lib/kubelet', '/etc/kubernetes', '/etc/machine-config-daemon'];
const MACHINE_CONFIG_SERVER_FILE = '/etc/mcs-machine-config-content.json';
const CUSTOMIZATION_FILES = [MACHINE_CONFIG_SERVER_FILE, '/etc/mco/proxy.env', '/etc/chrony.conf'];

/**
 * Expires all crypto of the stopped cluster, which also proves that a clone can be given its own (12.2). In the same
 * run the pull secret is exchanged, in etcd and in files: the original asks the running cluster for that and waits for
 * the machine config operator.
 */
export async function expireCrypto(context: SeedContext): Promise<void> {
  const hasKubeadmin = await context.host.files.exists(`${SEED_PATHS.keys}/${KUBEADMIN_HASH_FILE}`);
  // A kubeadmin secret can only be changed later on, not created, so one stays, with a password that nobody knows.
  const password = context.randomBytes(54).toString('base64');
  const pullSecret = await sanitisedPullSecret(context);
  await runRecert(context, `${SEED_PATHS.checks}/recert_config.json`, {
    force_expire: true,
    ...(pullSecret !== undefined && { pull_secret: pullSecret }),
    etcd_defrag: true,
    summary_file_clean: RECERT_SUMMARIES.creation,
    kubeadmin_password_hash: hasKubeadmin ? await hash(password, 10) : '',
  });
}

/** Gives the seed cluster its validity, its own keys and its pull secret back (12.3). */
export async function restoreCrypto(context: SeedContext): Promise<void> {
  const { files } = context.host;
  const keys = SEED_PATHS.keys;
  const ingressName = await ingressCertificateName(context.host);
  const rules = [
    ...Object.entries(SIGNER_FILES),
    ...(ingressName === '' ? [] : [[ingressName, INGRESS_KEY_FILE]]),
  ];
  const present = async (names: readonly string[]) =>
    existing(
      context.host,
      names.map((name) => `${keys}/${name}`),
    );
  const keyFiles = await present(rules.map(([, file]) => file!));
  const hashFile = await files.readIfExists(`${keys}/${KUBEADMIN_HASH_FILE}`);
  const pullSecret = await keptPullSecret(context);
  await runRecert(context, `${keys}/recert_config.json`, {
    extend_expiration: true,
    ...(pullSecret !== undefined && { pull_secret: pullSecret }),
    summary_file_clean: RECERT_SUMMARIES.restoration,
    use_key_rules: rules
      .map(([name, file]) => ({ name, path: `${keys}/${file}` }))
      .filter(({ path }) => keyFiles.includes(path))
      .map(({ name, path }) => `${name} ${path}`),
    use_cert_rules: await present([ADMIN_CA_FILE]),
    kubeadmin_password_hash: hashFile?.toString('utf8') ?? '',
  });
  await restoreKubeletAuthfile(context);
}

/** The CN that the certificate really has; the original uses a fixed text that matches none (D25). */
async function ingressCertificateName(host: Host): Promise<string> {
  const text = (await host.files.readIfExists(SEED_PATHS.clusterInfo))?.toString('utf8');
  const parsed = text === undefined ? undefined : parseSeedClusterInfo(text);
  return parsed?.ok ? parsed.value.ingress_certificate_cn : '';
}

async function runRecert(context: SeedContext, path: string, own: RecertConfig): Promise<void> {
  const { host, logger } = context;
  for (const summary of Object.values(RECERT_SUMMARIES)) await host.files.remove(summary);
  const etcd = await startTemporaryEtcd(host, {
    dataDir: SEED_PATHS.etcdData,
    authfile: await usableAuthfile(context),
  });
  try {
    const directories = await existing(host, CRYPTO_DIRECTORIES);
    const config: RecertConfig = {
      etcd_endpoint: etcd.endpoint.replace(/^http:\/\//, ''),
      crypto_dirs: directories,
      crypto_files: await existing(host, [MACHINE_CONFIG_SERVER_FILE]),
      cluster_customization_dirs: directories,
      cluster_customization_files: await existing(host, CUSTOMIZATION_FILES),
      ...own,
    };
    await host.files.write(path, renderRecertConfig(config), { mode: 0o600 });
    const { stdout } = await host.run([SEED_PATHS.recert], { env: { RECERT_CONFIG: path } });
    for (const line of stdout.split('\n').filter((l) => l !== '')) info(logger, `recert: ${line}`);
  } finally {
    await etcd.stop();
  }
}

async function existing(host: Host, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) if (await host.files.exists(path)) found.push(path);
  return found;
}
