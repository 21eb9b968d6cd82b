import { Failure } from '#base/failure.ts';
import { info } from '#base/logger.ts';
import { findContainerRuntime, stopContainers } from '#system/containers.ts';
import { syncFileSystem } from '#system/fileTrees.ts';
import { listMountPoints, unmountBelow } from '#system/mounts.ts';
import { systemd } from '#system/systemd.ts';
import { clearConsole } from '../console.ts';
import {
  JOURNAL,
  RECERT_SUMMARY,
  RESET_STARTED,
  RESULT,
  RUNTIME_DIRECTORY,
  STATE_DIRECTORY,
  UNIT,
  WATCHDOG_UNIT,
  WORK_DIRECTORY,
} from '../paths.ts';
import type { PostPivotWorld } from '../postPivot.ts';
import { readResult } from '../resultFile.ts';
import { EARLY_ACCESS, USER_BUNDLE_FILES } from '../steps/access.ts';
import { carryOutMirror, planMirror } from './mirrorTree.ts';
import { hasPristineCopy, PRISTINE_TREES, removePristineCopy } from './pristineCopy.ts';

type World = Pick<PostPivotWorld, 'host' | 'logger'>;

/** What post-pivot made outside of the trees that are copied. */
const MADE_BY_POST_PIVOT = [
  ...[WORK_DIRECTORY, `${WORK_DIRECTORY}.incoming`, RECERT_SUMMARY, JOURNAL, RESULT, RUNTIME_DIRECTORY],
  ...[EARLY_ACCESS, ...USER_BUNDLE_FILES],
];
/** Of pods that ran: volumes, logs, and addresses that nobody holds any more. */
const OF_PODS = ['/var/lib/kubelet/pods', '/var/log/pods', '/var/log/containers', '/var/lib/cni/networks'];
const POD_NETWORKS = '/run/netns';
const POD_MOUNTS = ['/var/lib/kubelet/pods', '/var/lib/kubelet/plugins'];

export interface ResetOptions {
  /** Restart the host afterwards; else its services keep what they have until they are restarted. */
  readonly reboot: boolean;
}

/** What a reset of this host does, for the person who is asked. Failure `postpivot/no-pristine-copy`. */
export async function describeReset(world: World): Promise<string> {
  await refuseWithoutCopy(world);
  const result = await readResult(world.host.files);
  const cluster =
    result === undefined ? 'the configuration' : `cluster ${result.cluster_name}.${result.base_domain}`;
  const trees = PRISTINE_TREES.map(({ live }) => live).join(', ');
  return `stops what runs of ${cluster} and brings ${trees} back to what was installed; everything changed in them since is lost`;
}

/**
 * Brings the host back to where it waits for its configuration, from the copy that was made before the first change.
 * Killed anywhere, it is finished by another reset or by the next start of post-pivot.
 * Failure `postpivot/no-pristine-copy`.
 */
export async function resetHost(world: World, { reboot }: ResetOptions): Promise<void> {
  const { host, logger } = world;
  const units = systemd(host);
  await refuseWithoutCopy(world);
  await units.stop(UNIT);
  await host.files.write(RESET_STARTED, '', { mode: 0o600 });
  await restoreHost(world);
  await units.reload();
  if (reboot) {
    info(logger, 'the host restarts, and waits for its configuration then');
    await host.run(['systemctl', 'reboot']);
    return;
  }
  for (const unit of [UNIT, WATCHDOG_UNIT]) {
    await units.resetFailed(unit);
    await units.startLater(unit);
  }
  info(logger, 'the host waits for its configuration; a volume that is still attached is used at once');
}

/** A reset that was cut off is finished before anything else is done. */
export async function finishStartedReset(world: World): Promise<void> {
  if (!(await world.host.files.exists(RESET_STARTED))) return;
  info(world.logger, 'finishing the reset that was cut off');
  await restoreHost(world);
  await systemd(world.host).reload();
}

async function restoreHost(world: World): Promise<void> {
  const { host, logger } = world;
  if (await hasPristineCopy(world)) {
    await stopCluster(world);
    for (const path of OF_PODS) await host.files.remove(path);
    const mounted = new Set((await listMountPoints(host)).map(({ target }) => target));
    for (const tree of PRISTINE_TREES) {
      await host.files.makeDirectory(tree.live);
      const plan = await planMirror(host, tree, mounted);
      const { extra, missing, changed } = plan;
      info(
        logger,
        `${tree.live}: ${missing.length} put back, ${changed.length} changed back, ${extra.length} removed`,
      );
      await carryOutMirror(host, plan);
      await syncFileSystem(host, tree.live);
    }
    await clearConsole(world);
    for (const path of MADE_BY_POST_PIVOT) await host.files.remove(path);
  }
  await removePristineCopy(world);
  await host.files.remove(RESET_STARTED);
}

/** Disabled as it was in the seed: a host that loses power now must not start half a cluster. */
async function stopCluster({ host, logger }: World): Promise<void> {
  const units = systemd(host);
  if ((await units.property('kubelet.service', 'LoadState')) === 'loaded') {
    await units.stop('kubelet.service');
    await units.disable('kubelet.service');
  }
  const runtime = await findContainerRuntime(host);
  if (runtime !== undefined) {
    info(logger, 'stopping all containers');
    await stopContainers(host, runtime);
    await removePodNetworks(host);
    await units.start(`${runtime}.service`);
  }
  await unmountBelow(host, POD_MOUNTS);
}

/**
 * containerd leaves them behind, with their addresses: a pod of the next cluster that gets one of these would not be
 * reached.
 */
async function removePodNetworks(host: World['host']): Promise<void> {
  if ((await host.files.facts(POD_NETWORKS)) === undefined) return;
  const names = (await host.files.list(POD_NETWORKS)).filter((name) => name.startsWith('cni-'));
  for (const name of names) await host.run(['ip', 'netns', 'delete', name], { okCodes: [0, 1] });
}

async function refuseWithoutCopy(world: World): Promise<void> {
  const { files } = world.host;
  if ((await files.exists(RESET_STARTED)) || (await hasPristineCopy(world))) return;
  const outcome = (await readResult(files))?.outcome;
  const isOver = outcome === 'succeeded' || outcome === 'finishing';
  throw new Failure({
    code: 'postpivot/no-pristine-copy',
    message: isOver
      ? 'this host has its own cluster: what was installed was removed with the keys of the seed'
      : `there is no copy of what was installed below ${STATE_DIRECTORY}: no configuration was applied to this host`,
    hint: isOver
      ? 'to give it another identity install the disk again'
      : `it waits for its configuration already; see "journalctl -u ${UNIT}"`,
  });
}
