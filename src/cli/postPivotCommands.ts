import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Failure } from '#base/failure.ts';
import type { Logger } from '#base/logger.ts';
import { ETCD_DATA, PULL_SECRET } from '#postpivot/paths.ts';
import type { PostPivotWorld } from '#postpivot/postPivot.ts';
import type { WatchdogOptions } from '#postpivot/watchdog.ts';
import type { Host } from '#system/host.ts';
import type { Io } from './io.ts';
import { stepLog } from './stepLog.ts';

export interface PostPivotCommandOptions {
  readonly host: Host;
  /** Asked when a command runs: the global flags that decide the level are known then. */
  readonly logger: () => Logger;
  /** Where a person can be asked. */
  readonly terminal?: Io['terminal'];
}

/** Adds `post-pivot`, `reset` and `init-monitor` to lca-cli. They throw the Failure of what did not succeed. */
export function addPostPivotCommands(
  program: Command,
  { host, logger, terminal }: PostPivotCommandOptions,
): void {
  program
    .command('post-pivot')
    .description('First boot: wait for the configuration and give the cluster its own identity')
    .option('--in-container', 'run host commands through nsenter, from a privileged container', false)
    .action(async ({ inContainer }: { inContainer: boolean }) => {
      const { runPostPivot } = await import('#postpivot/run.ts');
      const { nsenterHost } = await import('#system/nsenterHost.ts');
      const world = await realWorld(inContainer ? nsenterHost(host) : host, logger());
      await runPostPivot(world, stepLog(world.logger));
    });
  program
    .command('reset')
    .description(
      'Bring the host back to where it waits for its configuration, from the copy of what was installed',
    )
    .option('-y, --yes', 'do not ask', false)
    .option('--no-reboot', 'do not restart the host: running services keep what they have')
    .action(async ({ yes, reboot }: { yes: boolean; reboot: boolean }) => {
      const { describeReset, resetHost } = await import('#postpivot/pristine/reset.ts');
      const world = { host, logger: logger() };
      if (!yes) await confirmReset(await describeReset(world), terminal);
      await resetHost(world, { reboot });
    });
  addInitMonitor(program, { host, logger });
}

interface InitMonitorFlags {
  readonly execStopPost?: string;
  readonly mode: string;
  readonly timeout: number;
  readonly onTimeout: WatchdogOptions['onTimeout'];
}

function addInitMonitor(program: Command, { host, logger }: PostPivotCommandOptions): void {
  program
    .command('init-monitor')
    .description(
      'Watchdog: says when the first boot does not come up, and can reset or restart the host then',
    )
    .option('--monitor', 'watch until the cluster has come up')
    .option('--exec-stop-post <component>', 'called when a component of an upgrade has stopped')
    .option('--mode <mode>', 'ibu or ipconfig: which upgrade', 'ibu')
    .option('--timeout <seconds>', 'how long it may take from when the configuration is there', seconds, 3600)
    .addOption(
      new Option('--on-timeout <action>', 'what is done with a host that does not come up')
        .choices(['report', 'reset', 'reboot'])
        .default('report'),
    )
    .action(async (flags: InitMonitorFlags) => {
      const { runInitMonitor } = await import('#postpivot/initMonitor.ts');
      const { execStopPost, mode, timeout, onTimeout } = flags;
      const serviceResult = process.env['SERVICE_RESULT'];
      await runInitMonitor(
        { host, logger: logger(), ...TIME },
        {
          ...{ mode, timeoutSeconds: timeout, onTimeout },
          ...(execStopPost !== undefined && { stoppedComponent: execStopPost }),
          ...(serviceResult !== undefined && { serviceResult }),
        },
      );
    });
}

function seconds(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It must be a number of seconds.');
  return Number(text);
}

const TIME = {
  sleep: (seconds: number) => pause(seconds * 1000),
  clock: () => performance.now() / 1000,
  now: () => new Date(),
};

/** Failure `cli/not-confirmed`. */
async function confirmReset(what: string, terminal: Io['terminal']): Promise<void> {
  const question = `A reset ${what}. Go on?`;
  const answer = await terminal?.ask({ kind: 'confirm', message: question, default: 'no' });
  if (answer === 'yes') return;
  throw new Failure({
    code: 'cli/not-confirmed',
    message: `nothing was changed: a reset ${what}`,
    hint: 'give --yes to do that',
  });
}

async function realWorld(host: Host, logger: Logger): Promise<PostPivotWorld> {
  const { randomUUID } = await import('node:crypto');
  const { connectKubernetes } = await import('#system/kubernetesApi.ts');
  const { rebuildEtcdDataDirectory, startTemporaryEtcd } = await import('#system/temporaryEtcd.ts');
  const etcd = { dataDir: ETCD_DATA, authfile: PULL_SECRET };
  return {
    host,
    logger,
    recertCommand: recertCommand(),
    addresses: async () => ownAddresses(),
    connect: (kubeconfig) => connectKubernetes(host.files, kubeconfig),
    etcd: {
      during: async (work) => {
        const running = await startTemporaryEtcd(host, etcd);
        try {
          await work(running.endpoint);
        } finally {
          await running.stop();
        }
      },
      rebuild: (member) => rebuildEtcdDataDirectory(host, { ...etcd, ...member, token: randomUUID() }),
    },
    ...TIME,
  };
}

/** recert lies as a link beside the executable that `create` put into the seed; from the sources node runs it. */
function recertCommand(): string[] {
  const main = process.argv[1];
  const isExecutable = !process.execPath.endsWith('/node');
  if (isExecutable || main === undefined) return [join(dirname(process.execPath), 'recert')];
  return [process.execPath, main, 'recert'];
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/i.test(address))
    .map(({ address }) => address);
}
