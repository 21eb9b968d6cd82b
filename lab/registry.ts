import { Failure } from '#base/failure.ts';
import { cgroupProcesses, createCgroup, removeCgroup } from '#machines/cgroups.ts';
import { identify, isAlive, killAll } from '#machines/processes.ts';
import { inNetwork } from '#machines/site.ts';
import { waitFor } from '#machines/waiting.ts';
import type { ProcessIdentity } from '#system/processStat.ts';
import type { Lab } from './lab.ts';
import { LAB_REGISTRY } from './network.ts';

/** The lab's registry: Debian's docker-registry on the bridge, plain HTTP, reachable from the lab's network only. */
export interface Registry {
  readonly process: ProcessIdentity;
  /**
   * Copies an OCI layout folder that holds one image, blobs and digest unchanged.
   * @param name repository and tag, for example `lab/pause:1`
   * @returns the digest of the image, `sha256:...`
   */
  push(layout: string, name: string): Promise<string>;
  /** Digest of the image of that name, `sha256:...`. */
  getDigest(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** The lab's network must be up. What was pushed earlier is still there. Failure `lab/registry-not-started`. */
export async function startRegistry(lab: Lab): Promise<Registry> {
  const { host, site } = lab;
  const folder = `${lab.folder}/registry`;
  const log = `${folder}/registry.log`;
  await stopRegistry(lab);
  await host.files.makeDirectory(`${folder}/storage`);
  await host.files.write(`${folder}/config.yml`, renderConfig(`${folder}/storage`));
  const cgroups = await createCgroup(host, cgroupOf(lab));
  const command = inNetwork(site, ['docker-registry', 'serve', `${folder}/config.yml`]);
  const process = await identify(host, await host.launch(command, { log, cgroups }));
  const state = await waitFor(
    async () => {
      if (!(await isAlive(host, process))) return 'ended';
      return (await isListening(lab, process)) ? 'listens' : undefined;
    },
    { timeoutSeconds: 30 },
  );
  if (state !== 'listens') {
    await stopRegistry(lab);
    throw new Failure({
      code: 'lab/registry-not-started',
      message: `the registry ${state === 'ended' ? 'ended at once' : 'does not listen'}`,
      hint: `read its log ${log}`,
    });
  }
  return registryOf(lab, process);
}

/** The registry that runs for this lab, perhaps started by another process. */
export async function findRegistry(lab: Lab): Promise<Registry | undefined> {
  const [pid] = await cgroupProcesses(lab.host, cgroupOf(lab));
  return pid === undefined ? undefined : registryOf(lab, await identify(lab.host, pid));
}

/** Stops it where it runs; its storage stays. */
export async function stopRegistry(lab: Lab): Promise<void> {
  await killAll(lab.host, () => cgroupProcesses(lab.host, cgroupOf(lab)));
  await removeCgroup(lab.host, cgroupOf(lab));
}

/** An underscore keeps it apart from machines, whose names have none. */
const cgroupOf = (lab: Lab): string => `${lab.site.cgroup}/_registry`;

function registryOf(lab: Lab, process: ProcessIdentity): Registry {
  const skopeo = async (...words: string[]): Promise<string> =>
    (await lab.host.run(inNetwork(lab.site, ['skopeo', '--insecure-policy', ...words]))).stdout.trim();
  const getDigest = (name: string): Promise<string> =>
    skopeo(
      'inspect',
      '--tls-verify=false',
      '--format={{.Digest}}',
      `docker://${LAB_REGISTRY.endpoint}/${name}`,
    );
  return {
    process,
    getDigest,
    async push(layout, name) {
      const target = `docker://${LAB_REGISTRY.endpoint}/${name}`;
      await skopeo(
        'copy',
        '--quiet',
        '--preserve-digests',
        '--dest-tls-verify=false',
        `oci:${layout}`,
        target,
      );
      return getDigest(name);
    },
    stop: () => stopRegistry(lab),
  };
}

/** JSON is YAML, which docker-registry reads. */
const renderConfig = (storage: string): string =>
  JSON.stringify({
    version: 0.1,
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: LAB_REGISTRY.endpoint },
  });

/** The machine itself can't reach the lab's network, so the kernel's list of sockets there is asked. */
async function isListening({ host }: Lab, { pid }: ProcessIdentity): Promise<boolean> {
  try {
    return hasListener(await host.files.readText(`/proc/${pid}/net/tcp`), LAB_REGISTRY.endpoint);
  } catch (error) {
    if (error instanceof Failure) return false; // it has just ended
    throw error;
  }
}

/** /proc/net/tcp, see proc(5): address in little-endian hex, port in hex, state 0A = LISTEN. */
export function hasListener(table: string, endpoint: string): boolean {
  const [address, port] = endpoint.split(':');
  const hex = (value: string | undefined, width: number): string =>
    Number(value).toString(16).toUpperCase().padStart(width, '0');
  const octets = (address ?? '').split('.').reverse();
  const local = `${octets.map((octet) => hex(octet, 2)).join('')}:${hex(port, 4)}`;
  return table.split('\n').some((line) => {
    const [, at, , state] = line.trim().split(/\s+/);
    return at === local && state === '0A';
  });
}
