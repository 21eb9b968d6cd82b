import { parseRpmOstreeStatus } from '#api/rpmOstreeStatus.ts';
import { SEED_MEMBERS, staterootOf } from '#api/seedImage.ts';
import type { CloneSource } from '#lab/clone/source.ts';
import { nameInRegistry } from '#lab/infrastructure.ts';
import type { Lab } from '#lab/lab.ts';
import { LAB_REGISTRY } from '#lab/network.ts';
import { DISK_BYTES } from '#lab/seedDisk.ts';
import { createEmptyDisk, formatDisk, type MountedDisk, mountDisk, unmountDisk } from '#machines/disk.ts';
import { rhcosPartitions } from '#machines/diskLayout.ts';
import { inNetwork } from '#machines/site.ts';
import type { Host } from '#system/host.ts';
import { deploymentDirectory, ostree } from '#system/ostree.ts';
import { openPrivateContainerd } from '#system/privateContainerd.ts';

const ROOT_MIB = 8 * 1024;
const REGISTRY_HOSTS = `[host."http://${LAB_REGISTRY.endpoint}"]\ncapabilities = ["pull", "resolve"]\n`;

/**
 * The work of an installation as a person would do it at a prompt, one command after the other and nothing checked:
 * partitions, the image pulled and unpacked, `ostree pull-local` and deployment, var and etc, the cluster's images.
 * Seconds until all of it is on stable storage.
 */
export async function measurePlainInstall(lab: Lab, source: CloneSource): Promise<number> {
  const { host } = lab;
  const [disk, folder] = [`${lab.folder}/disks/plain.img`, `${lab.folder}/work/plain`];
  await createEmptyDisk(host, disk, DISK_BYTES);
  const started = performance.now();
  try {
    await formatDisk(host, disk, rhcosPartitions(ROOT_MIB));
    const mounted = await mountDisk(host, disk, folder);
    const members = await pullMembers(lab, source.image.pullSpec, mounted.sysroot);
    await makeStateroot(host, members, mounted.sysroot, staterootOf(source.record.identity.releaseVersion));
    await pullClusterImages(lab, members, mounted);
    await host.run(['sync', '-f', mounted.sysroot]);
    return (performance.now() - started) / 1000;
  } finally {
    await unmountDisk(host, disk, folder);
    for (const path of [disk, folder]) await host.files.remove(path);
  }
}

/** The folder with the members of the seed image. */
async function pullMembers(lab: Lab, pullSpec: string, sysroot: string): Promise<string> {
  const { host } = lab;
  const [layout, members] = [`${sysroot}/plain/layout`, `${sysroot}/plain/members`];
  await host.files.makeDirectory(members, 0o700);
  const from = `docker://${LAB_REGISTRY.endpoint}/${nameInRegistry(pullSpec)}`;
  const argv = ['skopeo', '--insecure-policy', 'copy', '--quiet', '--src-tls-verify=false'];
  await host.run(inNetwork(lab.site, [...argv, from, `oci:${layout}`]));
  const digest = pullSpec.split('@sha256:')[1]!;
  const blob = (of: string): string => `${layout}/blobs/sha256/${of}`;
  const { layers } = JSON.parse(await host.files.readText(blob(digest))) as { layers: { digest: string }[] };
  for (const layer of layers) {
    await host.run(['tar', '--extract', `--file=${blob(layer.digest.slice(7))}`, `--directory=${members}`]);
  }
  return members;
}

async function makeStateroot(host: Host, members: string, sysroot: string, osname: string): Promise<void> {
  const target = ostree(host, sysroot);
  const unpack = (member: string, directory: string): Promise<unknown> =>
    host.run(['tar', '--extract', '--xattrs', `--file=${members}/${member}`, `--directory=${directory}`]);
  const repo = `${sysroot}/plain/repo`;
  await host.files.makeDirectory(repo);
  await unpack(SEED_MEMBERS.ostree, repo);
  await target.initFileSystem();
  await target.setOption('sysroot.bootloader', 'none');
  await target.setOption('core.fsync', 'false');
  await target.osInit(osname);
  await target.pullLocal(repo);
  const status = parseRpmOstreeStatus(await host.files.readText(`${members}/${SEED_MEMBERS.rpmOstree}`));
  const booted = status.ok ? status.value.deployments.find((deployment) => deployment.booted) : undefined;
  if (booted === undefined) throw new Error('the seed image names no booted deployment');
  const ref = /([0-9a-f]{64})\.\d+$/.exec(booted.id)?.[1] ?? '';
  await target.deploy({ osname, ref, kernelArguments: [] });
  await unpack(SEED_MEMBERS.var, `${sysroot}/ostree/deploy/${osname}`);
  const [deployment] = await target.status();
  if (deployment === undefined) throw new Error('ostree deployed nothing');
  await unpack(SEED_MEMBERS.etc, deploymentDirectory(sysroot, deployment));
}

async function pullClusterImages(lab: Lab, members: string, { containers }: MountedDisk): Promise<void> {
  const { host } = lab;
  const work = `${lab.folder}/work/plain-containerd`;
  const hosts = `${work}-hosts`;
  await host.files.makeDirectory(`${hosts}/${LAB_REGISTRY.name}`);
  await host.files.write(`${hosts}/${LAB_REGISTRY.name}/hosts.toml`, REGISTRY_HOSTS);
  const inside: Host = {
    ...host,
    run: (argv, options) => host.run(inNetwork(lab.site, argv), options),
    start: (argv, options) => host.start(inNetwork(lab.site, argv), options),
  };
  const store = await openPrivateContainerd(inside, {
    root: `${containers}/containerd`,
    workDirectory: work,
    hostsDirectory: hosts,
  });
  try {
    const list = (await host.files.readText(`${members}/${SEED_MEMBERS.images}`)).split('\n');
    for (const image of list) if (image !== '') await store.pull(image);
  } finally {
    await store.close();
    await host.files.remove(hosts);
  }
}
