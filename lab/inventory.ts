import { cgroupProcesses, listCgroups } from '#machines/cgroups.ts';
import { devicesOn, type LoopDevice, listLoopDevices } from '#machines/loopDevices.ts';
import { listMachines, readRecord } from '#machines/machineRecord.ts';
import { mountsBelow } from '#machines/mounts.ts';
import { listLinks, networkProcesses } from '#machines/network.ts';
import { findMarkedProcesses, getProcess, ownLineage } from '#machines/processes.ts';
import type { Lab } from './lab.ts';

/** What the kernel of this machine holds for a lab. All lists are empty when the lab is down. */
export interface Inventory {
  readonly processes: readonly { readonly pid: number; readonly command: string }[];
  /** Mount points, oldest first. */
  readonly mounts: readonly string[];
  /** What stands on another device comes first. */
  readonly loopDevices: readonly LoopDevice[];
  /** Network namespaces by name: the lab's own, or none. */
  readonly networkNamespaces: readonly string[];
  /** Interfaces in the lab's namespace: the bridge and the machine ends of its veth pairs. */
  readonly links: readonly string[];
  /** Directories in all hierarchies, deepest first. */
  readonly cgroups: readonly string[];
}

/** Looks at the world, not at records; this process and those that it descends from are left out. */
export async function gatherInventory(lab: Lab): Promise<Inventory> {
  const { host, site, folder } = lab;
  const links = await listLinks(host, site);
  return {
    processes: await describeProcesses(lab, await findLabProcesses(lab)),
    mounts: await mountsBelow(host, folder),
    loopDevices: devicesOn(await listLoopDevices(host), await ownsFile(lab)),
    networkNamespaces: links === undefined ? [] : [site.networkNamespace],
    links: (links ?? []).filter((name) => name !== 'lo'),
    cgroups: await listCgroups(host, site.cgroup),
  };
}

export const isEmpty = (inventory: Inventory): boolean =>
  Object.values(inventory).every((list: readonly unknown[]) => list.length === 0);

/**
 * Processes in the lab's control groups or network, and those that bear its mark. The processes inside its machines
 * that were started by `Machine.host` are in neither; they end with their machine.
 */
export async function findLabProcesses({ host, site, name }: Lab): Promise<number[]> {
  const spared = new Set(await ownLineage(host));
  const found = [
    await cgroupProcesses(host, site.cgroup),
    await networkProcesses(host, site),
    await findMarkedProcesses(host, name), // last and alone: the programs that we run to look bear the mark too
  ];
  return [...new Set(found.flat())].filter((pid) => !spared.has(pid)).sort((a, b) => a - b);
}

/** Tells the lab's disk images and volumes: those below its folder, and those that a machine was given from outside. */
export async function ownsFile({ host, site, folder }: Lab): Promise<(file: string) => boolean> {
  const names = await listMachines(host, site);
  const records = await Promise.all(names.map((name) => readRecord(host, site, name).catch(() => undefined)));
  const given = new Set(records.flatMap((record) => record?.attachedFiles ?? []));
  return (file) => file.startsWith(`${folder}/`) || given.has(file);
}

async function describeProcesses({ host }: Lab, pids: readonly number[]): Promise<Inventory['processes']> {
  const facts = await Promise.all(pids.map((pid) => getProcess(host, pid)));
  return facts.flatMap((f) => (f === undefined ? [] : [{ pid: f.pid, command: f.command }]));
}
