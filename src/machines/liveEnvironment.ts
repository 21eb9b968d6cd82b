import type { Host } from '#system/host.ts';
import { createCgroup } from './cgroups.ts';
import { ContainerHost } from './container.ts';
import { attachLoopDevice } from './loopDevices.ts';
import { liveCommand } from './nspawnCommand.ts';
import { identify } from './processes.ts';
import { type FileToPut, putFile } from './putFile.ts';
import { releaseContainer } from './release.ts';
import { makeSharedMountPoint } from './sharedMountPoint.ts';
import { checkName, machineCgroup, machineFolder, type Site } from './site.ts';

export interface LiveEnvironmentSpec {
  /** See `checkName`; must differ from the names of the site's machines. */
  readonly name: string;
  /** What it runs: a commit in an OSTree repository of this machine. */
  readonly operatingSystem: { readonly repo: string; readonly ref: string };
  /** Disk image that is the environment's one disk; below the site's folder. */
  readonly disk: string;
  readonly files: readonly FileToPut[];
}

/** A host booted from an installation ISO, as far as an installer program can tell. */
export interface LiveEnvironment {
  readonly host: Pick<Host, 'run' | 'start'>;
  /** The disk, inside, for example `/dev/loop4`. */
  readonly disk: string;
  /** Ends it with all it has running, mounted and attached; nothing of it remains, the disk image aside. */
  stop(): Promise<void>;
}

/** Loop devices beyond those of this machine that installers may attach, several of them at the same time. */
const SPARE_LOOP_DEVICES = 64;

/**
 * Stands for the live system of an installation ISO where nothing can boot one: a writable copy of the lab's
 * system, alone in namespaces of its own, in the site's network, with one disk. Its /dev holds that disk and nodes for loop devices, but
 * none of this machine's own disks. No service manager runs in it. The site's network must be up.
 */
export async function startLiveEnvironment(
  host: Host,
  site: Site,
  spec: LiveEnvironmentSpec,
): Promise<LiveEnvironment> {
  checkName(spec.name);
  const folder = machineFolder(site, spec.name);
  const stop = async (): Promise<void> => {
    await releaseContainer(host, site, spec.name, [spec.disk]);
    await host.files.remove(folder);
  };
  await stop(); // what a crash may have left under this name
  try {
    const root = await mountWritableCopy(host, spec.operatingSystem, folder);
    const disk = await attachLoopDevice(host, spec.disk);
    const inside = await startContainer(host, site, spec.name, root);
    await makeLoopNodes(host, inside);
    await inside.run(['systemd-tmpfiles', '--create', '--prefix=/var', '--prefix=/tmp'], {
      okCodes: [0, 65, 73], // lines that do not apply here, for example for users that only a boot creates
    });
    for (const file of spec.files) await putFile(inside, file);
    return { host: inside, disk, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Overlay of the commit's files; /etc is made from its defaults as OSTree does it at deployment. */
async function mountWritableCopy(
  host: Host,
  { repo, ref }: LiveEnvironmentSpec['operatingSystem'],
  folder: string,
): Promise<string> {
  for (const name of ['upper', 'work', 'var']) await host.files.makeDirectory(`${folder}/${name}`);
  const root = `${folder}/root`;
  await makeSharedMountPoint(host, root);
  await host.run(['ostree', 'checkout', `--repo=${repo}`, ref, `${folder}/tree`]);
  const layers = `lowerdir=${folder}/tree,upperdir=${folder}/upper,workdir=${folder}/work`;
  await host.run(['mount', '-t', 'overlay', 'overlay', '-o', layers, root]);
  await host.run(['cp', '-a', `${root}/usr/etc`, `${root}/etc`]);
  return root;
}

async function startContainer(host: Host, site: Site, name: string, root: string): Promise<ContainerHost> {
  const folder = machineFolder(site, name);
  const cgroups = await createCgroup(host, machineCgroup(site, name));
  // /var is no overlay: container stores put overlays of their own on it, which the kernel refuses on an overlay.
  const command = liveCommand(site, name, root, `${folder}/var`);
  const pid = await host.launch(command, { log: `${folder}/console.log`, cgroups });
  const inside = new ContainerHost(host, name, await identify(host, pid));
  await inside.connect();
  return inside;
}

/** The kernel makes new nodes only in this machine's /dev, so those that `losetup` may be given are made beforehand. */
async function makeLoopNodes(host: Host, inside: ContainerHost): Promise<void> {
  const numbers = (await host.files.list('/sys/block')).flatMap(
    (name) => /^loop(\d+)$/.exec(name)?.[1] ?? [],
  );
  const count = Math.max(0, ...numbers.map(Number)) + SPARE_LOOP_DEVICES;
  const lines = Array.from({ length: count }, (_, n) => `/dev/loop${n} b 7 ${n}\n`);
  await inside.run(['xargs', '--max-args=4', 'mknod', '--mode=0660'], {
    input: `/dev/loop-control c 10 237\n${lines.join('')}`,
  });
}
