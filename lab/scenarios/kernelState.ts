import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { waitUntil } from '#machines/waiting.ts';
import { localHost } from '#system/localHost.ts';
import { STATE_FILE } from '../state.ts';

/**
 * What the kernel of this machine holds, whoever it is for: loop devices, mounts, network namespaces and interfaces,
 * control groups, and the namespaces that processes are in. The machine's own programs are asked (losetup, ip, find)
 * and not the code that is to be proved. One readable entry each.
 */
export type KernelState = ReadonlySet<string>;

const NAMESPACES = ['mnt', 'net', 'pid'];
const SITE_NAME = /\/sower-([a-z0-9-]+)(?:\/|$)/;
/** Programs that work beside the scenario come and go; what stays longer than this was left behind. */
const PATIENCE_SECONDS = 20;

/** @param own the lab that is looked at: what belongs to other labs of this machine is left out */
export async function gatherKernelState(own: string): Promise<KernelState> {
  const lists = [loopDevices, mounts, networkNamespaces, interfaces, controlGroups, processNamespaces];
  return new Set((await Promise.all(lists.map((list) => list(own)))).flat());
}

/** What is there now and was not there before. */
export async function findNewEntries(own: string, before: KernelState): Promise<string[]> {
  return [...(await gatherKernelState(own))].filter((entry) => !before.has(entry)).sort();
}

/** The same once other programs of this machine had time to end; empty as soon as nothing new is left. */
export async function findLeftovers(own: string, before: KernelState): Promise<string[]> {
  let added: string[] = [];
  await waitUntil(
    async () => {
      added = await findNewEntries(own, before);
      return added.length === 0;
    },
    { timeoutSeconds: PATIENCE_SECONDS, everySeconds: 1 },
  );
  return added;
}

async function loopDevices(own: string): Promise<string[]> {
  const { stdout } = await localHost.run(['losetup', '--list', '--json', '--output=NAME,BACK-FILE']);
  if (stdout.trim() === '') return [];
  const { loopdevices } = JSON.parse(stdout) as { loopdevices: { name: string; 'back-file': string }[] };
  const files = new Map(
    loopdevices.map((loop) => [loop.name, loop['back-file'].replace(/ \(deleted\)$/, '')]),
  );
  const fileBelow = (name: string): string => {
    const file = files.get(name) ?? name;
    return files.has(file) ? fileBelow(file) : file;
  };
  return [...files]
    .filter(([name]) => !isOfOtherLab(fileBelow(name), own))
    .map(([name, file]) => `loop device ${name} on ${file}`);
}

async function mounts(own: string): Promise<string[]> {
  const targets = (await readFile('/proc/self/mounts', 'utf8')).split('\n').flatMap((line) => {
    const target = line.split(' ')[1];
    return target === undefined
      ? []
      : [target.replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))];
  });
  return targets.filter((target) => !isOfOtherLab(target, own)).map((target) => `mount ${target}`);
}

async function networkNamespaces(own: string): Promise<string[]> {
  const { stdout } = await localHost.run(['ip', '-json', 'netns', 'list']);
  const found = stdout.trim() === '' ? [] : (JSON.parse(stdout) as { name: string }[]);
  return found
    .filter(({ name }) => !isOfOtherLab(`/${name}`, own))
    .map(({ name }) => `network namespace ${name}`);
}

async function interfaces(): Promise<string[]> {
  const { stdout } = await localHost.run(['ip', '-json', 'link', 'show']);
  return (JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => `interface ${ifname}`);
}

async function controlGroups(own: string): Promise<string[]> {
  // A group that ends while it is read is no error.
  const { stdout } = await localHost.run(['find', '/sys/fs/cgroup', '-type', 'd'], { okCodes: [0, 1] });
  return stdout
    .split('\n')
    .filter((path) => path !== '' && !isOfOtherLab(path, own))
    .map((path) => `control group ${path}`);
}

/** A process that was left behind in a machine, or a mount that only it sees, shows as a namespace. */
async function processNamespaces(own: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const holders = new Map<string, string>();
  const ofOthers = new Set<string>();
  for (const pid of pids) {
    const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
    const isOther = groups.split('\n').some((line) => isOfOtherLab(line, own));
    for (const kind of NAMESPACES) {
      const namespace = await readlink(`/proc/${pid}/ns/${kind}`).catch(() => undefined);
      if (namespace === undefined) continue;
      holders.set(namespace, pid);
      if (isOther) ofOthers.add(namespace);
    }
  }
  return [...holders.keys()].filter((n) => !ofOthers.has(n)).map((namespace) => `namespace ${namespace}`);
}

/** By a name that sites give to everything of theirs, or by a lab's folder above the path. */
function isOfOtherLab(path: string, own: string): boolean {
  const site = SITE_NAME.exec(path)?.[1];
  if (site !== undefined) return site !== own;
  for (let at = path; at.startsWith('/') && at !== '/'; at = dirname(at)) {
    if (existsSync(`${at}/${STATE_FILE}`)) return !at.endsWith(`/${own}`);
  }
  return false;
}
