import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import { type ProcessFacts, type ProcessIdentity, parseProcessStat } from '#system/processStat.ts';
import { waitUntil } from './waiting.ts';

/**
 * Put into the environment of every program that works for a site (see `markedHost`): whoever inherits it belongs
 * to the site, also when the program that started it is long gone.
 */
export const SITE_MARK = 'SOWER_PROCESS_OF';

/** `undefined` if there is no such process (any more). */
export async function getProcess(host: Host, pid: number): Promise<ProcessFacts | undefined> {
  const stat = await readProc(host, `/proc/${pid}/stat`);
  return stat === undefined ? undefined : parseProcessStat(stat);
}

export async function isAlive(host: Host, identity: ProcessIdentity): Promise<boolean> {
  const now = await getProcess(host, identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && !now.isZombie;
}

/** Failure `machines/process-gone` when the process has ended already. */
export async function identify(host: Host, pid: number): Promise<ProcessIdentity> {
  const facts = await getProcess(host, pid);
  if (facts !== undefined) return { pid, startTicks: facts.startTicks };
  throw new Failure({
    code: 'machines/process-gone',
    message: `process ${pid} ended as soon as it started`,
  });
}

export async function listProcesses(host: Host): Promise<ProcessFacts[]> {
  const entries = await host.files.list('/proc');
  const found = await Promise.all(
    entries.filter((name) => /^\d+$/.test(name)).map((name) => getProcess(host, Number(name))),
  );
  return found.filter((facts) => facts !== undefined);
}

/** Processes whose environment was given this mark at their start. */
export async function findMarkedProcesses(host: Host, site: string): Promise<number[]> {
  const pids = (await listProcesses(host)).filter((facts) => !facts.isZombie).map((facts) => facts.pid);
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = (await readProc(host, `/proc/${pid}/environ`)) ?? '';
      return environment.split('\0').includes(`${SITE_MARK}=${site}`);
    }),
  );
  return pids.filter((_, index) => marked[index]);
}

/** This process and those it descends from: never to be ended by a clean-up. */
export async function ownLineage(host: Host): Promise<number[]> {
  const lineage: number[] = [];
  let at = Number(await host.files.readLink('/proc/self'));
  while (at > 0) {
    lineage.push(at);
    at = (await getProcess(host, at))?.parent ?? 0;
  }
  return lineage;
}

/** `signal` is a name or a number as kill(1) takes it. A process that is gone is fine. */
export async function signalProcesses(host: Host, pids: readonly number[], signal: string): Promise<void> {
  if (pids.length > 0) await host.run(['kill', '-s', signal, '--', ...pids.map(String)], { okCodes: [0, 1] });
}

/**
 * Ends processes at once and looks again until none is left, because what is being ended may still be starting others.
 * Failure `machines/processes-remain`.
 */
export async function killAll(host: Host, find: () => Promise<readonly number[]>): Promise<void> {
  let left: readonly number[] = [];
  const ended = await waitUntil(
    async () => {
      left = await find();
      await signalProcesses(host, left, 'KILL');
      return left.length === 0;
    },
    { timeoutSeconds: 20 },
  );
  if (ended) return;
  throw new Failure({
    code: 'machines/processes-remain',
    message: `these processes do not end: ${left.join(', ')}`,
    hint: 'look at what they wait for with "cat /proc/PID/stack", then run the command again',
  });
}

/** A process may end while its files are read, and pid 1 may be closed to us: both are "not there". */
async function readProc(host: Host, path: string): Promise<string | undefined> {
  try {
    return await host.files.readText(path);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
