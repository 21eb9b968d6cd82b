import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import { STATE_DIRECTORY } from './paths.ts';
import type { PostPivotWorld } from './postPivot.ts';
import { type WatchdogOptions, watchInstallation } from './watchdog.ts';

export interface InitMonitorOptions extends WatchdogOptions {
  /** Called when this component has stopped, instead of watching. */
  readonly stoppedComponent?: string;
  /** How systemd says the component ended (`SERVICE_RESULT`). */
  readonly serviceResult?: string;
  readonly mode: string;
}

/** What an upgrade or an IP change leaves for its watchdog. */
interface RollbackConfig {
  readonly monitor_enabled?: boolean;
  readonly monitor_timeout?: number;
  readonly enabled_components?: Readonly<Record<string, boolean>>;
}

const UPGRADE_CONFIG = `${STATE_DIRECTORY}/autorollback_config.json`;
const IP_CHANGE_CONFIG = `${STATE_DIRECTORY}/workspace/ip-config-autorollback-config.json`;
const MODE_FILE = `${STATE_DIRECTORY}/workspace/initmonitor_mode`;
/** The original's help says `ipc`, its code wants `ipconfig` (lifecycle-agent 20, D21). */
const IP_CHANGE_MODES = ['ipconfig', 'ipc'];

/**
 * The watchdog of the first boot, and of upgrades where one has nothing to do (lifecycle-agent 13). Failure
 * `postpivot/rollback-unsupported` where an upgrade is to be watched: this program does not upgrade, so it can't roll
 * back either.
 */
export async function runInitMonitor(
  world: Pick<PostPivotWorld, 'host' | 'logger' | 'sleep' | 'clock' | 'now'>,
  options: InitMonitorOptions,
): Promise<void> {
  const { files } = world.host;
  const mode = (await files.readIfExists(MODE_FILE))?.toString('utf8').trim() || options.mode;
  const path = IP_CHANGE_MODES.includes(mode) ? IP_CHANGE_CONFIG : UPGRADE_CONFIG;
  const text = (await files.readIfExists(path))?.toString('utf8');
  if (text === undefined) {
    if (options.stoppedComponent === undefined) await watchInstallation(world, options);
    return;
  }
  if (!isRollbackWanted(parseConfig(path, text), options)) {
    info(world.logger, `${path} asks for nothing to be watched`);
    return;
  }
  throw new Failure({
    code: 'postpivot/rollback-unsupported',
    message: `${path} is there, but rolling back an upgrade is not part of this program`,
    hint: 'let the lca-cli of the lifecycle-agent that made the upgrade watch it',
  });
}

const DEFAULT_TIMEOUT_SECONDS = 1800;

function isRollbackWanted(
  config: RollbackConfig,
  { stoppedComponent, serviceResult }: InitMonitorOptions,
): boolean {
  if (stoppedComponent === undefined)
    return config.monitor_enabled === true && (config.monitor_timeout ?? DEFAULT_TIMEOUT_SECONDS) > 0;
  const isEnabled = config.enabled_components?.[stoppedComponent] === true;
  return isEnabled && serviceResult !== undefined && serviceResult !== 'success';
}

function parseConfig(path: string, text: string): RollbackConfig {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as RollbackConfig;
  } catch {}
  throw new Failure({
    code: 'postpivot/rollback-config-invalid',
    message: `${path} is not a JSON object`,
    hint: 'the upgrade that wrote it is not complete; remove the file if there is none',
  });
}
