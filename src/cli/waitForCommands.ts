import { join } from 'node:path';
import { warn } from '#base/logger.ts';
import type { Waiting } from '#installer/waiting/watchedCluster.ts';
import type { ActedOn } from './installerCommand.ts';
import { type Interruption, interruptible } from './interruption.ts';

/** `wait-for bootstrap-complete`. */
export const waitForBootstrapCommand = (call: ActedOn): Promise<void> =>
  interruptible(call.logger, async (interruption) => {
    const [{ waitForBootstrap }, { Stages }, { keepHosts }, progress, { localFiles }] = await Promise.all([
      import('#installer/waiting/bootstrapComplete.ts'),
      import('#installer/waiting/stages.ts'),
      import('#installer/waiting/keptHosts.ts'),
      import('#installer/bootstrapMachine/progress.ts'),
      import('#system/localFiles.ts'),
    ]);
    const stages = new Stages(interruption.clock);
    await warnOfAgent(call);
    const isBareMetal = await isOnBareMetal(call);
    await withCluster(call, interruption, async (waiting) => {
      const known = { isBareMetal, keepHosts: keepHosts(localFiles, call.root) };
      await stages.time('Bootstrap Complete', () => waitForBootstrap(waiting, known));
    });
    // "create cluster" must not bootstrap it again.
    if ((await progress.readProgress(localFiles, call.root)) !== undefined) {
      await progress.writeProgress(localFiles, call.root, 'bootstrapped');
    }
    stages.tell(call.logger);
  });

/** `wait-for install-complete`. */
export const waitForInstallCommand = (call: ActedOn): Promise<void> =>
  interruptible(call.logger, async (interruption) => {
    const [{ waitForInstall }, { Stages }, { localFiles }] = await Promise.all([
      import('#installer/waiting/installComplete.ts'),
      import('#installer/waiting/stages.ts'),
      import('#system/localFiles.ts'),
    ]);
    const stages = new Stages(interruption.clock);
    await warnOfAgent(call);
    const isBareMetal = await isOnBareMetal(call);
    const skipsPassword = call.switches.has('skipPasswordPrint');
    const directory = { root: call.root, files: localFiles, isBareMetal, skipsPassword };
    await withCluster(call, interruption, (waiting) => waitForInstall(waiting, directory, stages));
    stages.tell(call.logger);
  });

async function withCluster(
  { dir, root, logger }: ActedOn,
  { clock, signal }: Interruption,
  work: (waiting: Waiting) => Promise<void>,
): Promise<void> {
  const cluster = await openAdminCluster({ dir, root }, signal);
  try {
    await work({ cluster, clock, logger });
  } finally {
    cluster.api.close();
  }
}

/** The cluster of `auth/kubeconfig`; questions that are under way end with the interruption. */
export async function openAdminCluster(
  { dir, root }: Pick<ActedOn, 'dir' | 'root'>,
  signal: AbortSignal,
): Promise<Waiting['cluster']> {
  const [{ openCluster }, { KUBECONFIG }, { localFiles }] = await Promise.all([
    import('#installer/waiting/watchedCluster.ts'),
    import('#installer/waiting/installComplete.ts'),
    import('#system/localFiles.ts'),
  ]);
  const cluster = await openCluster(localFiles, join(root, KUBECONFIG), join(dir, KUBECONFIG));
  signal.addEventListener('abort', () => cluster.api.close());
  return cluster;
}

async function warnOfAgent({ root, logger }: ActedOn): Promise<void> {
  const { localFiles } = await import('#system/localFiles.ts');
  if (!(await localFiles.exists(join(root, 'agent-config.yaml')))) return;
  warn(logger, 'An agent configuration was detected but this command is not the agent wait-for command');
}

/** Only the kubeconfig is needed; what else is known of the cluster decides how long is waited. */
async function isOnBareMetal({ root }: ActedOn): Promise<boolean> {
  const [{ METADATA }, { localFiles }] = await Promise.all([
    import('#installer/assets/cluster/metadata.ts'),
    import('#system/localFiles.ts'),
  ]);
  const content = await localFiles.readIfExists(join(root, METADATA));
  return content !== undefined && /"baremetal"\s*:/.test(content.toString('utf8'));
}
