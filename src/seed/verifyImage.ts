import { createHash } from 'node:crypto';
import { parseRpmOstreeStatus } from '#api/rpmOstreeStatus.ts';
import {
  originMember,
  SEED_FORMAT,
  SEED_FORMAT_LABEL,
  SEED_INFO_LABEL,
  SEED_MEMBERS,
} from '#api/seedImage.ts';
import {
  type FoundMember,
  findInventoryProblems,
  parseSeedInventory,
  SEED_INVENTORY_LABEL,
} from '#api/seedInventory.ts';
import { Failure } from '#base/failure.ts';
import { errorsOf, type Problem, problem, renderProblem } from '#base/report.ts';
import { hashing } from '#formats/hashing.ts';
import { type LayoutStore, type OciImage, openLayer, readOciImage } from '#formats/ociLayout.ts';
import { readTar } from '#formats/tar.ts';

/** Texts that are looked into; larger than any real one. */
const TEXT_LIMIT = 16 * 1024 * 1024;
/** They hold keys, or name what a site runs: nobody but root may read them once they are unpacked. */
const PRIVATE_MEMBERS: readonly string[] = [
  SEED_MEMBERS.clusterInfo,
  SEED_MEMBERS.images,
  SEED_MEMBERS.var,
  SEED_MEMBERS.etc,
];

interface Seen {
  readonly members: FoundMember[];
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Reads a whole layout back as an installer would: every blob by its digest, every member by the inventory, and whether
 * readers of lifecycle-agent 8 find what they look for. Failure `seed/image-damaged` with all that is wrong.
 */
export async function verifySeedImage(store: LayoutStore): Promise<void> {
  const image = await readOciImage(store);
  const { members, texts } = await readMembers(image, store);
  const problems = [
    ...labelProblems(image, members, texts),
    ...Object.values(SEED_MEMBERS)
      .filter((name) => !members.some((member) => member.name === name))
      .map((name) => problem(name, 'is missing')),
    ...modeProblems(members),
    ...originProblems(members, texts.get(SEED_MEMBERS.rpmOstree) ?? ''),
  ];
  if (problems.length === 0) return;
  throw new Failure({
    code: 'seed/image-damaged',
    message: `the seed image is not as it must be: ${problems.map(renderProblem).join('; ')}`,
    hint: 'nothing was pushed; check the disk that holds /var/tmp, then make the seed image again',
    facts: { problems },
  });
}

async function readMembers({ layers, config }: OciImage, store: LayoutStore): Promise<Seen> {
  const members: FoundMember[] = [];
  const texts = new Map<string, string>();
  for (const [index, layer] of layers.entries()) {
    const hash = createHash('sha256');
    for await (const member of readTar(hashing(openLayer(layer, store), hash))) {
      const digest = createHash('sha256');
      const chunks: Buffer[] = [];
      const isText = /\.json$/.test(member.path) && member.size <= TEXT_LIMIT;
      for await (const chunk of hashing(member.content, digest)) if (isText) chunks.push(chunk);
      const { path: name, mode, size } = member;
      members.push({ name, mode, size, sha256: digest.digest('hex') });
      if (isText) texts.set(name, Buffer.concat(chunks).toString('utf8'));
    }
    const diffId = `sha256:${hash.digest('hex')}`;
    if (diffId !== config.rootfs.diff_ids[index]) throw wrongLayer(diffId, config.rootfs.diff_ids[index]);
  }
  return { members, texts };
}

function labelProblems(
  { config }: OciImage,
  members: readonly FoundMember[],
  texts: ReadonlyMap<string, string>,
): Problem[] {
  const labels = config.config?.Labels ?? {};
  const inventory = parseSeedInventory(labels[SEED_INVENTORY_LABEL] ?? '');
  return [
    ...(labels[SEED_FORMAT_LABEL] === SEED_FORMAT
      ? []
      : [problem(`label ${SEED_FORMAT_LABEL}`, `is not ${SEED_FORMAT}`)]),
    ...(labels[SEED_INFO_LABEL] === texts.get(SEED_MEMBERS.clusterInfo)
      ? []
      : [problem(`label ${SEED_INFO_LABEL}`, `is not the text of ${SEED_MEMBERS.clusterInfo}`)]),
    ...(inventory.ok
      ? findInventoryProblems(inventory.value, members)
      : errorsOf(inventory.report).map((p) => problem(`label ${SEED_INVENTORY_LABEL}`, renderProblem(p)))),
  ];
}

function modeProblems(members: readonly FoundMember[]): Problem[] {
  return members.flatMap(({ name, mode }) => [
    ...(name === SEED_MEMBERS.executable && (mode & 0o111) !== 0o111
      ? [problem(name, 'is not executable')]
      : []),
    ...(PRIVATE_MEMBERS.includes(name) && (mode & 0o077) !== 0
      ? [problem(name, 'can be read by others than root')]
      : []),
  ]);
}

/** The origin goes by the name of the deployment that rpm-ostree.json calls booted. */
function originProblems(members: readonly FoundMember[], statusText: string): Problem[] {
  const status = parseRpmOstreeStatus(statusText);
  const booted = status.ok ? status.value.deployments.find((d) => d.booted) : undefined;
  if (booted === undefined) return [problem(SEED_MEMBERS.rpmOstree, 'names no booted deployment')];
  const name = originMember(booted.id.slice(booted.id.lastIndexOf('-') + 1));
  return members.some((member) => member.name === name) ? [] : [problem(name, 'is missing')];
}

const wrongLayer = (found: string, wanted: string | undefined): Failure =>
  new Failure({
    code: 'seed/image-damaged',
    message: `a layer of the seed image unpacks to ${found} instead of ${wanted ?? 'anything that it names'}`,
    hint: 'nothing was pushed; check the disk that holds /var/tmp, then make the seed image again',
  });
