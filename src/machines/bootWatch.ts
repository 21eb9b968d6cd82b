import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import type { Machine, WaitForBootOptions } from './driver.ts';
import { waitFor } from './waiting.ts';

const PATIENCE_SECONDS = 120;
const CONSOLE_TAIL = 2000;

/** What is looked at while a machine boots. */
type BootingMachine = Pick<Machine, 'name' | 'slowness' | 'host' | 'consoleLog' | 'isRunning'>;

/** `Machine.waitForBoot` for whatever drives the machine; `host` is the one it runs on. */
export async function watchBoot(
  host: Host,
  machine: BootingMachine,
  options: WaitForBootOptions,
): Promise<void> {
  const { until = 'settled', timeoutSeconds = PATIENCE_SECONDS * machine.slowness } = options;
  const enough = until === 'basic' ? ['starting', 'running', 'degraded'] : ['running', 'degraded'];
  let state = 'offline';
  const result = await waitFor(
    async () => {
      if (!(await machine.isRunning())) return 'ended';
      state = await systemState(machine);
      return enough.includes(state) ? 'up' : undefined;
    },
    { timeoutSeconds, everySeconds: 0.2 },
  );
  if (result === 'up') return;
  const what = result === 'ended' ? 'ended while it booted' : `is "${state}" after ${timeoutSeconds} s`;
  throw new Failure({
    code: result === 'ended' ? 'machines/boot-failed' : 'machines/boot-timeout',
    message: `machine ${machine.name} ${what}; the end of its console:\n${await consoleTail(host, machine)}`,
    hint: `read its whole console in ${machine.consoleLog}`,
  });
}

/** What systemd inside says of itself; `offline` as long as it does not answer. */
async function systemState({ host }: BootingMachine): Promise<string> {
  try {
    const result = await host.run(['systemctl', 'is-system-running'], {
      okCodes: [0, 1, 2, 3, 4],
      timeoutSeconds: 10,
    });
    return result.stdout.trim();
  } catch (error) {
    if (error instanceof Failure) return 'offline';
    throw error;
  }
}

async function consoleTail({ files }: Host, { consoleLog }: BootingMachine): Promise<string> {
  return ((await files.readIfExists(consoleLog))?.toString('utf8') ?? '').slice(-CONSOLE_TAIL);
}
