import type { Logger } from '#base/logger.ts';
import type { Host } from '#system/host.ts';
import type { KubernetesApi } from '#system/kubernetesApi.ts';

/** What post-pivot needs of the world beside the host's files and programs; `cli` gives the real ones, tests their own. */
export interface PostPivotWorld {
  readonly host: Host;
  readonly logger: Logger;
  /** How recert is started; its configuration is named by the environment (RECERT_CONFIG). */
  readonly recertCommand: readonly string[];
  /** The addresses that the host's interfaces have now, loopback and link-local ones left out. */
  addresses(): Promise<readonly string[]>;
  connect(kubeconfig: string): Promise<KubernetesApi>;
  readonly etcd: {
    /** Runs etcd on its data directory while `work` uses it. */
    during(work: (endpoint: string) => Promise<void>): Promise<void>;
    rebuild(member: { readonly name: string; readonly peerUrl: string }): Promise<void>;
  };
  sleep(seconds: number): Promise<void>;
  /** Monotonic seconds. */
  clock(): number;
  now(): Date;
}
