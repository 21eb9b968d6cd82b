import type { Logger } from '#base/logger.ts';
import type { StepObserver } from '#base/step.ts';
import type { ArchiveCompression } from '#system/archives.ts';
import type { Host } from '#system/host.ts';
import { connectKubernetes, type KubernetesApi } from '#system/kubernetesApi.ts';

/** Fixed places of the original (lifecycle-agent 2.1); all on the seed host. */
export const SEED_PATHS = {
  backup: '/var/tmp/backup',
  image: '/var/tmp/backup-image',
  keys: '/var/tmp/backupCertsDir',
  checks: '/var/tmp/checks',
  journal: '/var/tmp/checks/journal.jsonl',
  seedData: '/var/seed_data',
  clusterInfo: '/var/seed_data/manifest.json',
  executable: '/var/usrlocal/bin/lca-cli',
  recert: '/var/usrlocal/bin/recert',
  units: '/etc/systemd/system',
  machineConfig: '/etc/machine-config-daemon/currentconfig',
  etcdData: '/var/lib/etcd',
  kubeconfig:
    '/etc/kubernetes/static-pod-resources/kube-apiserver-certs/secrets/node-kubeconfigs/lb-ext.kubeconfig',
} as const;

/**
 * Where recert tells what it did to the seed. It would find the certificates in there at its next run and renew them
 * too, twice as many each time; so they are removed before, and stay behind on the seed.
 */
export const RECERT_SUMMARIES = {
  creation: '/etc/kubernetes/recert-seed-creation-summary.yaml',
  restoration: '/etc/kubernetes/recert-seed-restoration-summary.yaml',
} as const;

/** Certificates that the network plugins make anew; in a seed they would be another cluster's. */
export const NETWORK_CERTIFICATES = [
  '/var/lib/ovn-ic/etc/ovnkube-node-certs',
  '/etc/cni/multus/certs',
] as const;

const DEFAULT_RECERT_IMAGE = 'quay.io/edge-infrastructure/recert:v0';

/** Flags of `create` and `restore`. */
interface SeedOptions {
  /** Pull spec that is pushed to. */
  readonly image: string;
  readonly authfile: string;
  /** Recorded for an original's post-pivot; given by the user it is precached too. */
  readonly recertImage: string | undefined;
  readonly skipRecertValidation: boolean;
  readonly skipCleanup: boolean;
  /** Of the archives; the original reads gzip only. */
  readonly compression: ArchiveCompression;
}

export interface SeedContext {
  readonly host: Host;
  readonly logger: Logger;
  readonly options: SeedOptions;
  readonly observer?: StepObserver;
  readonly now: () => Date;
  /** Monotonic seconds. */
  readonly clock: () => number;
  readonly randomBytes: (size: number) => Buffer;
  /** The single executable that travels in the seed. */
  readonly executable: string;
  /** As in image configurations: `amd64`, `arm64`. */
  readonly architecture: string;
}

export const recertImageOf = ({ options }: SeedContext): string =>
  options.recertImage ?? DEFAULT_RECERT_IMAGE;

/** Runs `work` with a client of the seed cluster's API server. */
export async function withApi<T>(context: SeedContext, work: (api: KubernetesApi) => Promise<T>): Promise<T> {
  const api = await connectKubernetes(context.host.files, SEED_PATHS.kubeconfig);
  try {
    return await work(api);
  } finally {
    api.close();
  }
}
