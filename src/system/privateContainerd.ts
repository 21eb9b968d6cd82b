import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import type { Host } from './host.ts';
import { containerdStore, type ImageStore } from './imageStore.ts';

export interface PrivateContainerdOptions {
  /** Content and snapshots: the directory that the installed system's containerd has as its root. */
  readonly root: string;
  /** State, socket and configuration; removed at the end. */
  readonly workDirectory: string;
  readonly hostsDirectory?: string;
}

/** Without the CRI plugin (no pods here) and the opt plugin, which makes /opt/containerd on the running system. */
const configuration = (root: string, work: string): string => `version = 2
root = ${JSON.stringify(root)}
state = ${JSON.stringify(`${work}/state`)}
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = ${JSON.stringify(`${work}/containerd.sock`)}
[debug]
  level = "warn"
`;

/** A containerd of our own over another system's root, so that images can be pulled into a disk that is not booted. */
export async function openPrivateContainerd(
  host: Host,
  options: PrivateContainerdOptions,
): Promise<ImageStore> {
  const { root, workDirectory } = options;
  // A run that was killed may leave its daemon behind for a moment: it must neither be talked to nor take the new one's
  // socket away when it ends. The new one waits for the lock of the old one's database.
  // The name is short, as the path of a socket may have 107 characters.
  const work = `${workDirectory}/${randomBytes(2).toString('hex')}`;
  const address = `${work}/containerd.sock`;
  await host.files.makeDirectory(root, 0o711);
  await host.files.makeDirectory(workDirectory, 0o700);
  await host.files.makeDirectory(work, 0o700);
  await host.files.write(`${work}/config.toml`, configuration(root, work));
  const daemon = host.start(
    ['setpriv', '--pdeathsig', 'TERM', '--', 'containerd', `--config=${work}/config.toml`],
    { okCodes: [0, 128] },
  );
  daemon.stdin.end();
  daemon.stdout.resume();
  let ended: unknown;
  const over = daemon.done.then(
    (result) => {
      ended = new Error(`it ended with exit code ${result.code}: ${result.stderr.slice(-1024)}`);
    },
    (error: unknown) => {
      ended = error;
    },
  );
  const close = async (): Promise<void> => {
    daemon.kill('SIGTERM');
    await over;
    await host.files.remove(workDirectory);
  };
  const deadline = performance.now() + 30_000;
  while (!(await answers(host, address))) {
    if (ended === undefined && performance.now() < deadline) {
      await sleep(50);
      continue;
    }
    const cause = ended ?? new Error('no answer within 30 s');
    await close();
    throw new Failure({
      code: 'system/containerd-not-started',
      message: `containerd did not start over ${root}: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'install containerd on the machine that installs, and check that nothing else uses this directory',
      cause,
    });
  }
  const hosts = options.hostsDirectory === undefined ? {} : { hostsDirectory: options.hostsDirectory };
  return { ...containerdStore(host, { address, ...hosts }), close };
}

async function answers(host: Host, address: string): Promise<boolean> {
  if (!(await host.files.exists(address))) return false;
  return (await host.run(['ctr', `--address=${address}`, 'version'], { okCodes: [0, 1] })).code === 0;
}
