import type { Host } from '#system/host.ts';
import { listMountPoints } from '#system/mounts.ts';

interface Hierarchy {
  readonly root: string;
  readonly kind: 'v1' | 'v1-cpuset' | 'v2';
}

/** The mounted cgroup hierarchies: one per controller on v1 machines, a single one on v2 machines, both on hybrid ones. */
async function listHierarchies(host: Host): Promise<Hierarchy[]> {
  return (await listMountPoints(host)).flatMap((mount): Hierarchy[] => {
    if (!mount.target.startsWith('/sys/fs/cgroup')) return [];
    if (mount.fileSystem === 'cgroup2') return [{ root: mount.target, kind: 'v2' }];
    if (mount.fileSystem !== 'cgroup') return [];
    return [{ root: mount.target, kind: mount.options.includes('cpuset') ? 'v1-cpuset' : 'v1' }];
  });
}

/**
 * Makes the control group `path` (relative, for example `sower-lab/seed`) in every hierarchy and gives the directories.
 * systemd-nspawn without a system manager around it works below the group it is started in; started at the root it
 * would leave groups of its own there.
 */
export async function createCgroup(host: Host, path: string): Promise<string[]> {
  const hierarchies = await listHierarchies(host);
  for (const { root, kind } of hierarchies) {
    let at = root;
    for (const part of path.split('/')) {
      if (kind === 'v2') await enableControllers(host, at);
      const parent = at;
      at = `${at}/${part}`;
      await host.files.makeDirectory(at);
      if (kind === 'v1-cpuset') await inheritCpuset(host, parent, at);
    }
  }
  return hierarchies.map(({ root }) => `${root}/${path}`);
}

/** A v1 cpuset starts without processors and memory and takes no process until it has both. */
async function inheritCpuset(host: Host, parent: string, group: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const own = (await host.files.readText(`${group}/${file}`)).trim();
    if (own === '')
      await writeKernelFile(host, `${group}/${file}`, await host.files.readText(`${parent}/${file}`));
  }
  await writeKernelFile(host, `${group}/cgroup.clone_children`, '1');
}

/** v2 children only get the controllers that their parent hands on. */
async function enableControllers(host: Host, group: string): Promise<void> {
  const available = (await host.files.readText(`${group}/cgroup.controllers`)).split(/\s+/).filter(Boolean);
  const enabled = await host.files.readText(`${group}/cgroup.subtree_control`);
  for (const controller of available.filter((name) => !enabled.split(/\s+/).includes(name))) {
    await writeKernelFile(host, `${group}/cgroup.subtree_control`, `+${controller}`);
  }
}

/** Processes of the group and of the groups below it, from all hierarchies. */
export async function cgroupProcesses(host: Host, path: string): Promise<number[]> {
  const pids = new Set<number>();
  for (const directory of await listCgroups(host, path)) {
    const text = (await host.files.readIfExists(`${directory}/cgroup.procs`))?.toString('utf8') ?? '';
    for (const line of text.split('\n')) if (line !== '') pids.add(Number(line));
  }
  pids.delete(0); // a process of another pid namespace
  return [...pids];
}

/** Directories of the group and of those below it in all hierarchies, deepest first. */
export async function listCgroups(host: Host, path: string): Promise<string[]> {
  const hierarchies = await listHierarchies(host);
  return (await Promise.all(hierarchies.map(({ root }) => tree(host, `${root}/${path}`)))).flat();
}

/** Removes the group with those below it; there must be no process in them any more. */
export async function removeCgroup(host: Host, path: string): Promise<void> {
  const directories = await listCgroups(host, path);
  if (directories.length > 0) await host.run(['rmdir', '--', ...directories]);
}

async function tree(host: Host, directory: string): Promise<string[]> {
  if (!(await host.files.exists(directory))) return [];
  const children: string[] = [];
  for (const name of await host.files.list(directory)) {
    const path = `${directory}/${name}`;
    if ((await host.files.facts(path))?.kind === 'directory') children.push(...(await tree(host, path)));
  }
  return [...children, directory];
}

/** Files of the kernel's own file systems are written in place; they can't be replaced by a rename. */
const writeKernelFile = (host: Host, path: string, text: string): Promise<unknown> =>
  host.run(['tee', path], { input: text });
