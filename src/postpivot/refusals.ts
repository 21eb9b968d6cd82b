import { createHash } from 'node:crypto';
import { causeChain, Failure } from '#base/failure.ts';
import type { Files } from '#system/host.ts';
import { backOffSeconds } from './attempts.ts';
import type { ConfigurationTree } from './configurationTree.ts';
import { tellConsole } from './console.ts';
import { RUNTIME_DIRECTORY } from './paths.ts';
import type { PostPivotWorld } from './postPivot.ts';

/** A configuration that was refused since the host booted. Nothing of it is on the disk. */
interface Refusal {
  /** Of all of the configuration's files. */
  readonly digest: string;
  readonly times: number;
  /** When it is looked at again; what was wrong may have been the host. */
  readonly until: string;
}

const REFUSAL = `${RUNTIME_DIRECTORY}/refused.json`;

/** Tells the host's screen, and remembers it so that a corrected volume is used at once, and the same one is not refused every few seconds. */
export async function noteRefusal(
  world: PostPivotWorld,
  tree: ConfigurationTree,
  error: unknown,
): Promise<void> {
  const hint = error instanceof Failure ? error.hint : undefined;
  await tellConsole(world, [
    `The configuration of this host is refused: ${causeChain(error).join(': ')}`,
    ...(hint === undefined ? [] : [`What to do: ${hint}`]),
  ]);
  const { files } = world.host;
  const digest = digestOf(tree);
  const before = await readRefusal(files);
  const times = before?.digest === digest ? before.times + 1 : 1;
  const until = new Date(world.now().getTime() + backOffSeconds(times) * 1000).toISOString();
  await files.makeDirectory(RUNTIME_DIRECTORY, 0o700);
  await files.write(REFUSAL, JSON.stringify({ digest, times, until } satisfies Refusal), { mode: 0o600 });
}

/** True if this very configuration was refused a short time ago. */
export async function isRefused(world: PostPivotWorld, tree: ConfigurationTree): Promise<boolean> {
  const refusal = await readRefusal(world.host.files);
  if (refusal === undefined || refusal.digest !== digestOf(tree)) return false;
  const left = (Date.parse(refusal.until) - world.now().getTime()) / 1000;
  return left > 0 && left <= backOffSeconds(refusal.times); // the clock may have been put right meanwhile
}

async function readRefusal(files: Files): Promise<Refusal | undefined> {
  const text = (await files.readIfExists(REFUSAL))?.toString('utf8');
  return text === undefined ? undefined : (JSON.parse(text) as Refusal);
}

function digestOf(tree: ConfigurationTree): string {
  const hash = createHash('sha256');
  for (const path of [...tree.keys()].sort()) {
    const content = tree.get(path)!;
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
