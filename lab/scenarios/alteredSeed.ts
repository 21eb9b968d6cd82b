import { randomBytes, randomInt } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { SEED_MEMBERS } from '#api/seedImage.ts';
import { openLayer, readOciImage } from '#formats/ociLayout.ts';
import { readTar } from '#formats/tar.ts';
import { buildSeedImage } from '#seed/image.ts';
import { openUnpacker, writeArchive } from '#system/archives.ts';
import { localLayout } from '#system/localLayout.ts';
import { nameInRegistry } from '../infrastructure.ts';
import type { Lab } from '../lab.ts';
import { LAB_REGISTRY } from '../network.ts';
import { networkHost } from '../networkHost.ts';
import type { Registry } from '../registry.ts';

/** One file that is another one in the altered image. */
export interface Alteration {
  /** Relative to the root, for example `etc/kubernetes/...`. */
  readonly path: string;
  readonly original: string;
  readonly altered: string;
}

export interface AlteredSeed {
  /** By digest. */
  readonly pullSpec: string;
  readonly alterations: readonly Alteration[];
}

/** Which files may be altered: such that a host boots as well with any content of them. */
const CHOICES: readonly { readonly archive: string; readonly top: string; readonly folder: string }[] = [
  { archive: SEED_MEMBERS.etc, top: 'etc', folder: 'etc/kubernetes' },
  { archive: SEED_MEMBERS.var, top: 'var', folder: 'var/lib/kubelet' },
];

/** Takes a pushed seed image apart, replaces one line in a file of its etc and of its var, and pushes it under another name. */
export async function pushAlteredSeed(lab: Lab, registry: Registry, pullSpec: string): Promise<AlteredSeed> {
  const { host } = lab;
  const work = `${lab.folder}/work/altered`;
  const [original, members, layout] = [`${work}/original`, `${work}/members`, `${work}/layout`];
  await host.files.makeDirectory(members, 0o700);
  const source = `docker://${LAB_REGISTRY.endpoint}/${nameInRegistry(pullSpec)}`;
  await networkHost(lab).run([
    'skopeo',
    'copy',
    '--quiet',
    '--src-tls-verify=false',
    source,
    `oci:${original}`,
  ]);
  const architecture = await unpackMembers(lab, original, members);
  const alterations: Alteration[] = [];
  for (const choice of CHOICES)
    alterations.push(await alterArchive(lab, members, `${work}/${choice.top}-tree`, choice));
  await buildSeedImage(host, { directory: members, layout, architecture, now: new Date() });
  const name = `altered-${randomBytes(3).toString('hex')}`;
  const digest = await registry.push(layout, `seeds/${name}:1`);
  await host.files.remove(work);
  return { pullSpec: `${LAB_REGISTRY.name}/seeds/${name}@${digest}`, alterations };
}

async function unpackMembers({ host }: Lab, layout: string, directory: string): Promise<string> {
  const store = localLayout(layout);
  const { layers, config } = await readOciImage(store);
  for (const layer of layers) {
    for await (const { path, mode, content } of readTar(openLayer(layer, store))) {
      await pipeline(content, host.files.writeStream(`${directory}/${path}`, { mode }));
    }
  }
  return config.architecture;
}

async function alterArchive(
  { host }: Lab,
  members: string,
  tree: string,
  { archive, top, folder }: (typeof CHOICES)[number],
): Promise<Alteration> {
  await host.files.makeDirectory(tree, 0o700);
  const unpacker = await openUnpacker(host, tree);
  await unpacker.unpack(host.files.readStream(`${members}/${archive}`), tree);
  await unpacker.close();
  const argv = ['find', folder, '-type', 'f', '-size', '-64k', '-not', '-empty'];
  const files = (await host.run(argv, { cwd: tree })).stdout.trim().split('\n');
  const path = files[randomInt(files.length)];
  if (path === undefined || path === '') throw new Error(`${archive} has no file below ${folder}`);
  const original = await host.files.readText(`${tree}/${path}`);
  const altered = original.replace(/^.*/, `# altered ${randomBytes(8).toString('hex')}`);
  await host.files.write(`${tree}/${path}`, altered);
  await writeArchive(host, { directory: tree, arguments: [top], target: `${members}/${archive}` });
  return { path, original, altered };
}
