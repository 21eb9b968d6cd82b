import { join } from 'node:path';
import type { Files } from '#system/host.ts';
import type { KubernetesObject } from '#system/kubernetesApi.ts';

const KEPT_HOSTS = '.masters.json';

/** Keeps the hosts of the control plane in the target directory, by name: when the API is away they can be looked up. */
export const keepHosts =
  (files: Files, root: string) =>
  (hosts: readonly KubernetesObject[]): Promise<void> => {
    const byName = Object.fromEntries(hosts.map((host) => [host.metadata.name, host]));
    return files.write(join(root, KEPT_HOSTS), `${JSON.stringify(byName)}\n`, { mode: 0o600 });
  };
