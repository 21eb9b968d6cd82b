import { join } from 'node:path';
import type { Files } from '#system/host.ts';

/** How far the creation of a cluster got; kept in the target directory, so that the next run goes on from there. */
export const PROGRESS_FILE = '.openshift_install_progress.json';

/**
 * `begun`: the files are written and machines may have been made. `bootstrapped`: the control plane works alone, and a
 * new bootstrap machine would do harm.
 */
export type Progress = 'begun' | 'bootstrapped';

/** Undefined: nothing was made yet. */
export async function readProgress(files: Files, root: string): Promise<Progress | undefined> {
  const content = await files.readIfExists(join(root, PROGRESS_FILE));
  if (content === undefined) return undefined;
  return content.toString('utf8').includes('"bootstrapped"') ? 'bootstrapped' : 'begun';
}

/** @throws Failure */
export const writeProgress = (files: Files, root: string, progress: Progress): Promise<void> =>
  files.write(join(root, PROGRESS_FILE), `${JSON.stringify({ progress })}\n`, { mode: 0o600 });
