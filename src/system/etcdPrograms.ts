import { Failure } from '#base/failure.ts';
import type { Host } from './host.ts';

/** Where an SNO's static pod says which etcd image the cluster runs. */
const ETCD_POD_MANIFEST = '/etc/kubernetes/manifests/etcd-pod.yaml';

/** How etcd's programs are started: from the host's PATH, or out of the cluster's own etcd image by podman. */
export interface EtcdPrograms {
  /** Command line of `program`; `directory` is a host path that the program works on, at the same path. */
  argv(program: 'etcd' | 'etcdctl' | 'etcdutl', directory: string, args: readonly string[]): string[];
  /** etcd 3.6 moved `snapshot restore` from etcdctl to etcdutl. */
  readonly restorer: 'etcdctl' | 'etcdutl';
  /** Removes what a killed earlier run may have left; a no-op for host programs. */
  clear(): Promise<void>;
}

export interface EtcdProgramsOptions {
  readonly manifest?: string;
  /** Registry credentials for the image, in case it is not in the local store. */
  readonly authfile?: string;
}

/**
 * Host programs where they are installed, otherwise podman with the image of the etcd static pod
 * (lifecycle-agent 3.5). Failure `system/etcd-missing` when neither is there.
 */
export async function findEtcdPrograms(host: Host, options: EtcdProgramsOptions = {}): Promise<EtcdPrograms> {
  if ((await host.has('etcd')) && (await host.has('etcdctl'))) {
    return {
      argv: (program, _directory, args) => [...(program === 'etcd' ? dieWithParent : []), program, ...args],
      restorer: (await host.has('etcdutl')) ? 'etcdutl' : 'etcdctl',
      clear: async () => {},
    };
  }
  const manifest = options.manifest ?? ETCD_POD_MANIFEST;
  const image = (await host.has('podman')) ? await etcdImage(host, manifest) : undefined;
  if (image === undefined) {
    throw new Failure({
      code: 'system/etcd-missing',
      message: `neither the programs etcd and etcdctl nor podman with the etcd image of ${manifest} are on this host`,
      hint: 'install etcd-server and etcd-client, or podman, and try again',
    });
  }
  return containerPrograms(host, image, options.authfile);
}

const CONTAINER = 'recert_etcd';
/** Without it an etcd whose starter was killed keeps the data directory locked and the re-run fails. */
const dieWithParent = ['setpriv', '--pdeathsig', 'KILL', '--'];

async function containerPrograms(
  host: Host,
  image: string,
  authfile: string | undefined,
): Promise<EtcdPrograms> {
  const auth = authfile === undefined ? [] : ['--authfile', authfile];
  const run = ['podman', 'run', '--rm', '--network=host', '--privileged', ...auth];
  const probe = await host.run([...run, '--entrypoint', 'etcdutl', image, 'version'], {
    okCodes: [0, 125, 126, 127],
  });
  return {
    argv: (program, directory, args) => [
      ...run,
      ...(program === 'etcd' ? ['--replace', '--name', CONTAINER] : []),
      '--entrypoint',
      program,
      '-v',
      `${directory}:${directory}`,
      image,
      ...args,
    ],
    restorer: probe.code === 0 ? 'etcdutl' : 'etcdctl',
    clear: async () => void (await host.run(['podman', 'rm', '--force', '--ignore', CONTAINER])),
  };
}

async function etcdImage(host: Host, manifest: string): Promise<string | undefined> {
  const text = (await host.files.readIfExists(manifest))?.toString('utf8');
  if (text === undefined) return undefined;
  const { parse } = await import('yaml');
  const pod = parse(text) as {
    spec?: { containers?: { name?: unknown; image?: unknown }[] };
  } | null;
  const image = pod?.spec?.containers?.find((c) => c.name === 'etcd')?.image;
  return typeof image === 'string' ? image : undefined;
}
