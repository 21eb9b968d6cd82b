import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import type { Lab } from './lab.ts';

/** inotify(7): how many instances all processes of one user may have; the hosts of a lab share root with this machine. */
const LIMIT = '/proc/sys/fs/inotify/max_user_instances';
const SETTING = 'fs.inotify.max_user_instances';
/** What the limit was before a lab raised it. Gone after a boot of this machine, as the raise is. */
const BEFORE = '/run/sower/inotify-limit-before';
const NAMESPACES = '/run/netns';

/** systemd and the services of a host have 13, its kubelet 5. */
const OF_A_HOST = 20;
/** Of this machine, and of other labs. */
const OF_OTHERS = 60;

/**
 * Lets that many hosts run at the same time: with the kernel's usual 128 the systemd of the seventh can't start its
 * units. The last lab that goes down takes it back. Failure `lab/too-few-inotify-instances`.
 */
export async function raiseInotifyLimit({ host }: Lab, hosts: number): Promise<void> {
  const now = Number(await host.files.readText(LIMIT));
  const needed = hosts * OF_A_HOST + OF_OTHERS;
  if (now >= needed) return;
  if (!(await host.files.exists(BEFORE))) {
    await host.files.makeDirectory(BEFORE.slice(0, BEFORE.lastIndexOf('/')));
    await host.files.write(BEFORE, `${now}\n`);
  }
  await setLimit(host, needed).catch((cause: unknown) => {
    throw new Failure({
      code: 'lab/too-few-inotify-instances',
      message: `${hosts} hosts need ${SETTING}=${needed}, it is ${now} and can't be raised from here`,
      hint: `raise it where you can ("sysctl ${SETTING}=${needed}"), or make fewer clones`,
      cause,
    });
  });
}

/** Takes the raise back, if there was one and no lab is up any more. */
export async function restoreInotifyLimit({ host }: Lab): Promise<void> {
  const before = await host.files.readIfExists(BEFORE);
  if (before === undefined) return;
  const names = (await host.files.exists(NAMESPACES)) ? await host.files.list(NAMESPACES) : [];
  if (names.some((name) => name.startsWith('sower-'))) return;
  await setLimit(host, Number(before.toString('utf8')));
  await host.files.remove(BEFORE);
}

const setLimit = (host: Host, value: number): Promise<unknown> =>
  host.run(['sysctl', '--quiet', '--write', `${SETTING}=${value}`]);
