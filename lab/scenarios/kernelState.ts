import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SITE_MARK } from '#machines/processes.ts';
import { waitUntil } from '#machines/waiting.ts';
import { localHost } from '#system/localHost.ts';
import type { Lab } from '../lab.ts';
import { STATE_FILE } from '../state.ts';

/**
 * What the kernel of this machine holds: loop devices, mounts, network namespaces and interfaces, control groups, and
 * the namespaces that processes are in. The machine's own programs are asked (losetup, ip, find) and not the code that
 * is to be proved. Only what certainly belongs to somebody else is left out. One readable entry each.
 */
export type KernelState = ReadonlySet<string>;

const NAMESPACES = ['mnt', 'net', 'pid'];
const SITE_NAME = /\/sower-([a-z0-9-]+)(?:\/|$)/;
/** Programs that work beside the scenario come and go; what stays longer than this was left behind. */
const PATIENCE_SECONDS = 20;

export async function gatherKernelState(lab: Lab): Promise<KernelState> {
  const loops = await listLoops();
  const lists = [
    loopDevices(lab, loops),
    mounts(lab, loops),
    networkNamespaces(lab),
    interfaces(),
    groupsAndNamespaces(lab),
  ];
  return new Set((await Promise.all(lists)).flat());
}

/** What is there now and was not there before. */
export async function findNewEntries(lab: Lab, before: KernelState): Promise<string[]> {
  return [...(await gatherKernelState(lab))].filter((entry) => !before.has(entry)).sort();
}

/** The same once other programs of this machine had time to end; empty as soon as nothing new is left. */
export async function findLeftovers(lab: Lab, before: KernelState): Promise<string[]> {
  let added: string[] = [];
  await waitUntil(
    async () => {
      added = await findNewEntries(lab, before);
      return added.length === 0;
    },
    { timeoutSeconds: PATIENCE_SECONDS, everySeconds: 1 },
  );
  return added;
}

/** Device to backing file. */
type Loops = ReadonlyMap<string, string>;

async function listLoops(): Promise<Loops> {
  const { stdout } = await localHost.run(['losetup', '--list', '--json', '--output=NAME,BACK-FILE']);
  if (stdout.trim() === '') return new Map();
  const { loopdevices } = JSON.parse(stdout) as { loopdevices: { name: string; 'back-file': string }[] };
  return new Map(loopdevices.map((loop) => [loop.name, loop['back-file'].replace(/ \(deleted\)$/, '')]));
}

/** Somebody else's: it stands, at the end of the chain, on a file that is there and not in the folder of this lab's. */
function isOfOthers(lab: Lab, loops: Loops, device: string): boolean {
  const file = loops.get(device);
  if (file === undefined) return false;
  if (loops.has(file)) return isOfOthers(lab, loops, file);
  return existsSync(file) && !file.startsWith(`${dirname(lab.folder)}/`);
}

const loopDevices = async (lab: Lab, loops: Loops): Promise<string[]> =>
  [...loops]
    .filter(([device]) => !isOfOthers(lab, loops, device))
    .map(([device, file]) => `loop device ${device} on ${file}`);

async function mounts(lab: Lab, loops: Loops): Promise<string[]> {
  const lines = (await readFile('/proc/self/mounts', 'utf8')).split('\n').filter((line) => line !== '');
  return lines
    .map((line) => line.split(' ').map(unescapeOctal))
    .filter(([source = '']) => !isOfOthers(lab, loops, source))
    .filter(([, target = '']) => !isOfOtherSite(lab, target) && !isBelowOtherLab(lab, target))
    .map(([, target]) => `mount ${target}`);
}

/** proc(5): blanks and the like are three octal digits. */
const unescapeOctal = (word: string): string =>
  word.replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));

async function networkNamespaces(lab: Lab): Promise<string[]> {
  const { stdout } = await localHost.run(['ip', '-json', 'netns', 'list']);
  const found = stdout.trim() === '' ? [] : (JSON.parse(stdout) as { name: string }[]);
  return found
    .filter(({ name }) => !isOfOtherSite(lab, `/${name}`))
    .map(({ name }) => `network namespace ${name}`);
}

async function interfaces(): Promise<string[]> {
  const { stdout } = await localHost.run(['ip', '-json', 'link', 'show']);
  return (JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => `interface ${ifname}`);
}

/** A process that was left behind in a machine, or a mount that only it sees, shows as a namespace. */
async function groupsAndNamespaces(lab: Lab): Promise<string[]> {
  const processes = await surveyProcesses(lab);
  const others = processes.filter((process) => process.isOfOthers);
  const groupsOfOthers = new Set(others.flatMap(({ groups }) => groups));
  const namespacesOfOthers = new Set(others.flatMap(({ namespaces }) => namespaces));
  const isForeign = (path: string): boolean =>
    isOfOtherSite(lab, path) || [...groupsOfOthers].some((group) => path.endsWith(group));
  // A group that ends while it is read is no error.
  const { stdout } = await localHost.run(['find', '/sys/fs/cgroup', '-type', 'd'], { okCodes: [0, 1] });
  const groups = stdout.split('\n').filter((path) => path !== '' && !isForeign(path));
  const namespaces = new Set(processes.flatMap((process) => process.namespaces));
  return [
    ...groups.map((path) => `control group ${path}`),
    ...[...namespaces].filter((n) => !namespacesOfOthers.has(n)).map((n) => `namespace ${n}`),
  ];
}

interface SurveyedProcess {
  /** In another site's control group, or out here and without the mark of this lab. */
  readonly isOfOthers: boolean;
  /** Paths below the roots of the hierarchies. */
  readonly groups: readonly string[];
  readonly namespaces: readonly string[];
}

async function surveyProcesses(lab: Lab): Promise<SurveyedProcess[]> {
  const outside = await readlink('/proc/self/ns/pid');
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
  const survey = async (pid: string): Promise<SurveyedProcess> => {
    const lines = (await read(`/proc/${pid}/cgroup`)).split('\n');
    const groups = lines.map((line) => line.split(':').slice(2).join(':')).filter((path) => path.length > 1);
    const links = NAMESPACES.map((kind) => readlink(`/proc/${pid}/ns/${kind}`).catch(() => ''));
    const namespaces = (await Promise.all(links)).filter((namespace) => namespace !== '');
    const isMarked = (await read(`/proc/${pid}/environ`)).split('\0').includes(`${SITE_MARK}=${lab.name}`);
    const isInside = groups.some((path) => SITE_NAME.exec(path)?.[1] === lab.name);
    const isOfOthers =
      groups.some((path) => isOfOtherSite(lab, path)) ||
      (namespaces.includes(outside) && !isMarked && !isInside);
    return { isOfOthers, groups, namespaces };
  };
  return Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(survey));
}

/** By the name that a site gives to everything of its own. */
function isOfOtherSite({ name }: Lab, path: string): boolean {
  const site = SITE_NAME.exec(path)?.[1];
  return site !== undefined && site !== name;
}

function isBelowOtherLab({ folder }: Lab, path: string): boolean {
  for (let at = path; at !== '/' && at !== folder; at = dirname(at)) {
    if (existsSync(`${at}/${STATE_FILE}`)) return true;
  }
  return false;
}
