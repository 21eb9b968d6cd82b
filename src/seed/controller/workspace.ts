import { Failure } from '#base/failure.ts';
import type { Files } from '#system/host.ts';
import type { KubernetesObject } from '#system/kubernetesApi.ts';

/** As in the original (lifecycle-agent 2.1); below /var/lib/lca, which does not travel in a seed. */
const WORKSPACE = '/var/lib/lca/ibu-seedgen-orch';
const OBJECTS = `${WORKSPACE}/objects.json`;
const OUTCOME = `${WORKSPACE}/outcome.json`;
export const PUSH_AUTHFILE = `${WORKSPACE}/auth.json`;

/** What is taken out of the cluster while its seed is made, so that no clone has it. One file: never half of them. */
export interface TakenObjects {
  readonly seedGenerator: KubernetesObject;
  readonly secret: KubernetesObject;
}

export type Outcome = { readonly image: string } | { readonly failure: string };

/** The controller's memory, for the time in which the cluster is down or the controller was killed. */
export function workspace(files: Files) {
  const readJson = async <T>(path: string): Promise<T | undefined> => {
    const text = (await files.readIfExists(path))?.toString('utf8');
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new Failure({
        code: 'seed/workspace-damaged',
        message: `${path} can't be read: it was changed by another program`,
        hint: 'recreate the Secret and the SeedGenerator that it holds, remove the file and start the controller again',
      });
    }
  };
  const write = async (path: string, content: string): Promise<void> => {
    await files.makeDirectory(WORKSPACE, 0o700);
    await files.write(path, content, { mode: 0o600 });
  };
  return {
    objects: () => readJson<TakenObjects>(OBJECTS),
    outcome: () => readJson<Outcome>(OUTCOME),
    keepCredentials: (content: Uint8Array) => write(PUSH_AUTHFILE, Buffer.from(content).toString('utf8')),
    keepObjects: (objects: TakenObjects) => write(OBJECTS, JSON.stringify(objects)),
    keepOutcome: (outcome: Outcome) => write(OUTCOME, JSON.stringify(outcome)),
    remove: () => files.remove(WORKSPACE),
  };
}
