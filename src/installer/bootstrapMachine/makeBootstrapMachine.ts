import { join } from 'node:path';
import { debug, info } from '#base/logger.ts';
import type { Files } from '#system/host.ts';
import { type Bridge, renderDomain } from './domainXml.ts';
import { bootstrapName, type Libvirt, virsh, virshNames, virshTable } from './virsh.ts';

/** What a bootstrap machine is made of. */
export interface BootstrapParts {
  /** Path of the uncompressed qcow2 image on this machine. */
  readonly image: string;
  /** JSON text; it holds keys. */
  readonly ignition: string;
  readonly bridges: readonly Bridge[];
  /** For the knobs that tests of upstream use: kind of machine and random device. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where files lie that `virsh` reads. */
export interface WorkPlace {
  readonly files: Files;
  /** Absolute; only its owner can enter the files. */
  readonly folder: string;
}

const POOLS = '/var/lib/libvirt/openshift-images';
const DISK = '32GiB';

/**
 * Makes and starts the virtual machine that bootstraps the cluster (spec/installer/07.5). The definition comes last:
 * a machine that has one is whole, and without one everything that a killed run left is made anew.
 *
 * @throws Failure
 */
export async function makeBootstrapMachine(
  libvirt: Libvirt,
  parts: BootstrapParts,
  place: WorkPlace,
): Promise<void> {
  const name = bootstrapName(libvirt);
  info(libvirt.logger, 'Creating infrastructure resources...');
  if (!(await virshNames(libvirt, 'list', '--all')).includes(name)) {
    await makePool(libvirt);
    await makeVolumes(libvirt, parts, place);
    await defineDomain(libvirt, parts, place);
  }
  if (!(await virshNames(libvirt, 'list')).includes(name)) await virsh(libvirt, 'start', name);
  debug(libvirt.logger, `Machine ${name} runs`);
}

async function makePool(libvirt: Libvirt): Promise<void> {
  const name = bootstrapName(libvirt);
  if (!(await virshNames(libvirt, 'pool-list', '--all')).includes(name)) {
    await virsh(libvirt, 'pool-define-as', name, 'dir', '--target', join(POOLS, name));
  }
  if (!(await virshNames(libvirt, 'pool-list')).includes(name)) {
    await virsh(libvirt, 'pool-build', name);
    await virsh(libvirt, 'pool-start', name);
  }
  await virsh(libvirt, 'pool-refresh', name);
  for (const volume of await virshTable(libvirt, 'vol-list', name)) {
    await virsh(libvirt, 'vol-delete', volume, '--pool', name);
  }
}

async function makeVolumes(libvirt: Libvirt, parts: BootstrapParts, place: WorkPlace): Promise<void> {
  const pool = bootstrapName(libvirt);
  const { size = 0 } = (await place.files.facts(parts.image)) ?? {};
  await uploadVolume(libvirt, { name: `${pool}-base`, format: 'qcow2', file: parts.image, size });
  await virsh(libvirt, 'pool-refresh', pool); // libvirt learns from the image how large its disk is
  const backing = ['--backing-vol', `${pool}-base`, '--backing-vol-format', 'qcow2'];
  await virsh(libvirt, 'vol-create-as', pool, pool, DISK, '--format', 'qcow2', ...backing);
  const text = Buffer.from(parts.ignition);
  await withFile(place, { name: '.openshift_install_bootstrap.ign', content: text }, (file) =>
    uploadVolume(libvirt, { name: `${pool}.ign`, format: 'raw', file, size: text.length }),
  );
}

interface Upload {
  readonly name: string;
  readonly format: 'qcow2' | 'raw';
  readonly file: string;
  readonly size: number;
}

async function uploadVolume(libvirt: Libvirt, { name, format, file, size }: Upload): Promise<void> {
  const pool = bootstrapName(libvirt);
  await virsh(libvirt, 'vol-create-as', pool, name, String(size), '--format', format);
  await virsh(libvirt, 'vol-upload', name, file, '--pool', pool);
  debug(libvirt.logger, `Uploaded volume ${name}`);
}

async function defineDomain(libvirt: Libvirt, parts: BootstrapParts, place: WorkPlace): Promise<void> {
  const name = bootstrapName(libvirt);
  const { env, bridges } = parts;
  const content = renderDomain({
    name,
    architecture: await hostArchitecture(libvirt),
    type: env['TERRAFORM_LIBVIRT_TEST_DOMAIN_TYPE'] || 'kvm',
    disk: { pool: name, volume: name },
    ignition: join(POOLS, name, `${name}.ign`),
    bridges,
    randomDevice: env['TF_LIBVIRT_RNG_DEV'] || '/dev/urandom',
  });
  await withFile(place, { name: '.openshift_install_bootstrap.xml', content }, (file) =>
    virsh(libvirt, 'define', '--validate', file),
  );
}

/** Of the machine that libvirt runs on. */
export async function hostArchitecture(libvirt: Libvirt): Promise<string> {
  const text = await virsh(libvirt, 'capabilities');
  return /<host>[\s\S]*?<arch>(\w+)<\/arch>/.exec(text)?.[1] ?? 'x86_64';
}

/** A file for `virsh` that nobody else can read, and that is gone afterwards. */
async function withFile(
  { files, folder }: WorkPlace,
  file: { readonly name: string; readonly content: string | Uint8Array },
  work: (path: string) => Promise<unknown>,
): Promise<void> {
  const path = join(folder, file.name);
  await files.remove(path); // an older file would keep its mode
  await files.write(path, file.content, { mode: 0o600 });
  try {
    await work(path);
  } finally {
    await files.remove(path);
  }
}
