import { type MachineConfig, parseMachineConfig } from '#api/machineConfig.ts';
import { parseRpmOstreeStatus } from '#api/rpmOstreeStatus.ts';
import { originMember, SEED_MEMBERS } from '#api/seedImage.ts';
import { Failure } from '#base/failure.ts';
import { errorsOf, type Parsed, renderProblem } from '#base/report.ts';
import { type LayoutStore, openLayer, readOciImage } from '#formats/ociLayout.ts';
import { readMember, readTar, type TarMember } from '#formats/tar.ts';

/** The small members of a seed image. */
export interface SeedContent {
  readonly clusterInfo: string;
  readonly images: string;
  readonly machineConfig: MachineConfig;
  /** Checksum and serial of the deployment that the seed was booted from. */
  readonly deployment: { readonly checksum: string; readonly name: string };
  readonly origin: string;
  readonly etcDeletions: readonly string[];
}

/** Where the large members go while the image streams by. */
export interface ArchiveSinks
  extends Readonly<Record<'ostree' | 'var' | 'etc', (archive: AsyncIterable<Buffer>) => Promise<void>>> {
  /** Told the image list when it comes by, which may be before or after the archives. */
  images?(list: string): void;
}

const SMALL_LIMIT = 64 * 1024 * 1024;

/**
 * Reads the image in one pass over its layers, the uppermost first, so that every member counts once and as it is in
 * the image's root; large archives are streamed to their sinks, `lca-cli` and unknown members are passed over.
 * Failure `ibi/seed-damaged` when a member is missing or can't be read.
 */
export async function readSeedContent(store: LayoutStore, sinks: ArchiveSinks): Promise<SeedContent> {
  const { layers } = await readOciImage(store);
  const seen = new Set<string>();
  const small = new Map<string, string>();
  for (const layer of [...layers].reverse()) {
    for await (const member of readTar(openLayer(layer, store))) {
      const hidden = /^\.wh\.(.+)$/.exec(member.path)?.[1];
      const name = hidden ?? member.path;
      if (seen.has(name)) continue;
      seen.add(name);
      if (hidden === undefined && member.kind === 'file') await takeMember(member, sinks, small);
    }
  }
  const missing = Object.values(SEED_MEMBERS).filter((name) => !seen.has(name));
  if (missing.length > 0) throw damaged(`it has no ${missing.join(', ')}`);
  return parseContent(small);
}

async function takeMember(member: TarMember, sinks: ArchiveSinks, small: Map<string, string>): Promise<void> {
  if (member.path === SEED_MEMBERS.ostree) await sinks.ostree(member.content);
  else if (member.path === SEED_MEMBERS.var) await sinks.var(member.content);
  else if (member.path === SEED_MEMBERS.etc) await sinks.etc(member.content);
  else if (
    member.path !== SEED_MEMBERS.executable &&
    !member.path.includes('/') &&
    member.size <= SMALL_LIMIT
  ) {
    const text = (await readMember(member, SMALL_LIMIT)).toString('utf8');
    small.set(member.path, text);
    if (member.path === SEED_MEMBERS.images) sinks.images?.(text);
  }
}

function parseContent(small: ReadonlyMap<string, string>): SeedContent {
  const text = (name: string): string => {
    const found = small.get(name);
    if (found === undefined) throw damaged(`it has no ${name}`);
    return found;
  };
  const status = usable(SEED_MEMBERS.rpmOstree, parseRpmOstreeStatus(text(SEED_MEMBERS.rpmOstree)));
  const booted = status.deployments.find((d) => d.booted);
  if (booted === undefined) throw damaged(`${SEED_MEMBERS.rpmOstree} has no booted deployment`);
  const name = booted.id.slice(booted.id.lastIndexOf('-') + 1);
  if (!/^[0-9a-f]{64}\.\d+$/.test(name) || name === booted.id) {
    throw damaged(`${SEED_MEMBERS.rpmOstree} names the booted deployment "${booted.id}"`);
  }
  return {
    clusterInfo: text(SEED_MEMBERS.clusterInfo),
    images: text(SEED_MEMBERS.images),
    machineConfig: usable(SEED_MEMBERS.machineConfig, parseMachineConfig(text(SEED_MEMBERS.machineConfig))),
    deployment: { checksum: name.split('.')[0]!, name },
    origin: text(originMember(name)),
    etcDeletions: parseDeletions(text(SEED_MEMBERS.etcDeletions)),
  };
}

/** Absolute paths below /etc, one a line. */
function parseDeletions(text: string): string[] {
  const paths = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const outside = paths.find((path) => !path.startsWith('/etc/') || path.split('/').includes('..'));
  if (outside !== undefined)
    throw damaged(`${SEED_MEMBERS.etcDeletions} names ${outside}, which is not below /etc`);
  return paths;
}

function usable<T>(name: string, parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw damaged(`${name}: ${errorsOf(parsed.report).map(renderProblem).join('; ')}`);
}

const damaged = (why: string): Failure =>
  new Failure({
    code: 'ibi/seed-damaged',
    message: `the seed image can't be installed: ${why}`,
    hint: 'make the seed image again',
  });
