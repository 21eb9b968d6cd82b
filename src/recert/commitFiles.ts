import { posix } from 'node:path';
import type { Host } from '#system/host.ts';
import type { FileStep } from './plan.ts';

interface Replacement {
  readonly path: string;
  readonly content: Buffer;
  /** The file whose owner, mode and attributes the new one takes over; undefined where there was none. */
  readonly like: string | undefined;
  /** Removed when the new one is in place. */
  readonly renamedFrom: string | undefined;
}

/** Writes and removes files. Each step may be repeated; one that is done already changes nothing. */
export async function commitFiles(host: Host, steps: readonly FileStep[]): Promise<void> {
  const replacements: Replacement[] = [];
  for (const step of steps) {
    if (step.content === undefined) await host.files.remove(step.path);
    else replacements.push(...(await replacementOf(host, step, step.content)));
  }
  const twins = await makeTwins(host, replacements);
  for (const replacement of replacements) {
    const { path, content, renamedFrom } = replacement;
    const twin = twins.get(replacement);
    await host.files.write(path, content, twin === undefined ? await ownerOf(host, replacement) : { twin });
    if (renamedFrom !== undefined) await host.files.remove(renamedFrom);
  }
}

async function replacementOf(host: Host, { path, from }: FileStep, content: Buffer): Promise<Replacement[]> {
  const { files } = host;
  // A renamed file whose old name is gone was finished before the kill.
  if (from !== undefined && !(await files.exists(from))) return [];
  const present = await files.readIfExists(path);
  if (from === undefined && present?.equals(content)) return [];
  return [{ path, content, like: from ?? (present && path), renamedFrom: from }];
}

/**
 * An empty file beside each one that is replaced, with everything that the old one has besides its content: SELinux
 * label, access lists, capabilities and other extended attributes, which only programs can copy. One start of xargs
 * serves all. The names are the same in every run, so that a run that was killed leaves none behind once it is
 * finished.
 */
async function makeTwins(
  host: Host,
  replacements: readonly Replacement[],
): Promise<Map<Replacement, string>> {
  const twins = new Map<Replacement, string>();
  if (!(await host.has('xargs')) || !(await host.has('cp'))) return twins;
  const pairs: string[] = [];
  for (const replacement of replacements) {
    const { path, like } = replacement;
    if (like === undefined) continue;
    const twin = twinOf(path);
    twins.set(replacement, twin);
    pairs.push(like, twin);
  }
  const copy = ['cp', '--attributes-only', '--preserve=all', '--'];
  if (pairs.length > 0)
    await host.run(['xargs', '--null', '--max-args=2', '--max-procs=4', ...copy], {
      input: pairs.map((path) => `${path}\0`).join(''),
    });
  return twins;
}

const twinOf = (path: string): string => posix.join(posix.dirname(path), `.${posix.basename(path)}.recert`);

/** Removes what a run that was killed left beside files that it never came to. */
export async function removeTwins(host: Host, steps: readonly FileStep[]): Promise<void> {
  for (const { path } of steps) await host.files.remove(twinOf(path));
}

async function ownerOf(
  host: Host,
  { like }: Replacement,
): Promise<{ mode?: number; uid?: number; gid?: number }> {
  const facts = like === undefined ? undefined : await host.files.facts(like);
  return facts === undefined ? {} : { mode: facts.mode, uid: facts.uid, gid: facts.gid };
}
