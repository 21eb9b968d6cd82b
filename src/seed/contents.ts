import { parseMachineConfig } from '#api/machineConfig.ts';
import { originMember, SEED_MEMBERS } from '#api/seedImage.ts';
import { warn } from '#base/logger.ts';
import { type ArchiveOptions, writeArchive } from '#system/archives.ts';
import { deploymentName, type EtcChange, findBootedDeployment, ostree } from '#system/ostree.ts';
import { rpmOstreeStatusJson } from '#system/rpmOstree.ts';
import { RECERT_SUMMARIES, SEED_PATHS, type SeedContext } from './context.ts';
import { keepUnpackedBytes } from './unpackedBytes.ts';

/** Not part of a seed (lifecycle-agent 6.3), relative to the root. */
const VAR_EXCLUSIONS = [
  'var/tmp/*',
  'var/log/*',
  'var/lib/lca',
  'var/lib/log/*',
  'var/lib/cni/bin/*',
  'var/lib/containers/*',
  'var/lib/kubelet/pods/*',
  'var/lib/ovn-ic/etc/*',
  // Address reservations of the seed's pods: on a clone they would leak, or block pods when cut short (lab-chain.md 5).
  'var/lib/cni/networks/*',
  'var/lib/cni/results/*',
];

/** Per-host files below /etc (lifecycle-agent 6.4), relative to it. */
const ETC_EXCLUSIONS = [
  'NetworkManager/system-connections',
  'machine-config-daemon/orig/var/lib/kubelet',
  'openvswitch/conf.db',
  'openvswitch/.conf.db.~lock~',
  'hostname',
  ...Object.values(RECERT_SUMMARIES).map((path) => path.slice('/etc/'.length)),
];

/** Options and operands of tar for var.tgz; `managed` are files that no exclusion may drop, relative to the root. */
export function planVarArchive(managed: readonly string[]): string[] {
  return [
    // tar applies an exclusion to what follows it, so these come first.
    ...managed.map((path) => `--add-file=${path}`),
    '--no-anchored',
    '--exclude=*/.bash_history',
    '--anchored',
    ...VAR_EXCLUSIONS.map((pattern) => `--exclude=${pattern}`),
    'var',
  ];
}

export interface EtcPlan {
  /** Relative to the root. */
  readonly archived: readonly string[];
  /** Absolute. */
  readonly deleted: readonly string[];
}

/** Which changes of /etc travel. Names keep their blanks, which the original loses (lifecycle-agent 20). */
export function planEtc(changes: readonly EtcChange[]): EtcPlan {
  const excluded = (path: string): boolean =>
    path.includes('cni/multus') || ETC_EXCLUSIONS.some((e) => path === e || path.startsWith(`${e}/`));
  return {
    archived: changes.filter((c) => c.change !== 'deleted' && !excluded(c.path)).map((c) => `etc/${c.path}`),
    deleted: changes.filter((c) => c.change === 'deleted').map((c) => `/etc/${c.path}`),
  };
}

/** Makes one of the image's archives and keeps its size. */
async function archive(
  { host, options }: SeedContext,
  member: string,
  what: Omit<ArchiveOptions, 'target' | 'compression'>,
): Promise<void> {
  const target = `${SEED_PATHS.backup}/${member}`;
  const bytes = await writeArchive(host, { ...what, target, compression: options.compression });
  await keepUnpackedBytes(host, member, bytes);
}

export async function archiveVar(context: SeedContext): Promise<void> {
  const { host } = context;
  const text = (await host.files.readIfExists(SEED_PATHS.machineConfig))?.toString('utf8');
  const parsed = text === undefined ? undefined : parseMachineConfig(text);
  const managed: string[] = [];
  for (const path of parsed?.ok ? parsed.value.filePaths : []) {
    if (path.startsWith('/var/lib/') && (await host.files.exists(path))) managed.push(path.slice(1));
  }
  await archive(context, SEED_MEMBERS.var, { directory: '/', arguments: planVarArchive(managed) });
}

export async function archiveEtc(context: SeedContext): Promise<void> {
  const { host, logger } = context;
  const plan = planEtc(await ostree(host).configDiff());
  const deletions = plan.deleted.filter((path) => !path.includes('\n'));
  if (deletions.length < plan.deleted.length) {
    warn(logger, 'a deleted file of /etc has a line break in its name: clones keep it');
  }
  const target = `${SEED_PATHS.backup}/${SEED_MEMBERS.etcDeletions}`;
  await host.files.write(target, deletions.map((path) => `${path}\n`).join(''), { mode: 0o600 });
  await archive(context, SEED_MEMBERS.etc, {
    directory: '/',
    // Added directories are listed with all they hold; recursion would pack everything twice.
    arguments: ['--no-recursion', '--null', '--verbatim-files-from', '--files-from=-'],
    input: plan.archived.map((path) => `${path}\0`).join(''),
  });
}

/** The largest of the archives. `signal` ends it half-way. */
export async function archiveOstree(context: SeedContext, signal: AbortSignal): Promise<void> {
  await archive(context, SEED_MEMBERS.ostree, {
    directory: '/ostree/repo',
    arguments: ['--anchored', '--exclude=./tmp/*', '.'],
    mode: 0o644,
    signal,
  });
}

/** rpm-ostree's status, the booted deployment's origin and the machine configuration; may be repeated. */
export async function describeDeployment({ host, logger }: SeedContext): Promise<void> {
  const { files } = host;
  const at = (name: string): string => `${SEED_PATHS.backup}/${name}`;
  await files.write(at(SEED_MEMBERS.rpmOstree), await rpmOstreeStatusJson(host));
  const booted = await findBootedDeployment(host);
  const name = deploymentName(booted);
  await files.copy(`/ostree/deploy/${booted.osname}/deploy/${name}.origin`, at(originMember(name)));
  const machineConfig = await files.readIfExists(SEED_PATHS.machineConfig);
  if (machineConfig === undefined) {
    warn(logger, `${SEED_PATHS.machineConfig} is missing: clones get no kernel arguments of a MachineConfig`);
  }
  const none = JSON.stringify({
    apiVersion: 'machineconfiguration.openshift.io/v1',
    kind: 'MachineConfig',
    spec: {},
  });
  await files.write(at(SEED_MEMBERS.machineConfig), machineConfig ?? none, { mode: 0o600 });
}
