import { error, info, type Logger } from '#base/logger.ts';
import type { KubernetesObject } from '#system/kubernetesApi.ts';
import type { WatchedCluster } from './watchedCluster.ts';

const KIND = { apiVersion: 'metal3.io/v1alpha1', kind: 'BareMetalHost' };
const NAMESPACE = 'openshift-machine-api';
const CONTROL_PLANE = 'installer.openshift.io/role=control-plane';
const READY = ['provisioned', 'externally provisioned'];
const UNINITIALIZED = 'uninitialized';

/** What is told of a host; what was told once is not told again. */
interface HostStatus {
  readonly state: string;
  readonly trouble: string;
}

/** The hosts of the control plane; none while the cluster does not know of any. */
export const findControlPlaneHosts = ({ api }: WatchedCluster): Promise<readonly KubernetesObject[]> =>
  api.list(KIND, { namespace: NAMESPACE, labelSelector: CONTROL_PLANE }).catch((cause: unknown) => {
    if (!(cause instanceof Error)) throw cause;
    return []; // the API comes and goes, and the kind comes late
  });

/** True when there are hosts and all of them are written. */
export const areProvisioned = (hosts: readonly KubernetesObject[]): boolean =>
  hosts.length > 0 && hosts.every((host) => READY.includes(statusOf(host).state));

/** Tells what has changed since the last call. */
export class HostReport {
  readonly #told = new Map<string, HostStatus>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  tell(hosts: readonly KubernetesObject[]): void {
    for (const host of hosts) {
      const name = host.metadata.name ?? '';
      const [before, now] = [this.#told.get(name), statusOf(host)];
      if (now.state !== before?.state) info(this.#logger, `    ${name}: ${now.state}`);
      if (now.trouble !== '' && now.trouble !== before?.trouble) {
        error(this.#logger, `    ${name}: ${now.trouble}`);
      }
      this.#told.set(name, now);
    }
  }
}

function statusOf(host: KubernetesObject): HostStatus {
  const { provisioning, operationalStatus, errorType, errorMessage } = (host['status'] ?? {}) as {
    readonly provisioning?: { readonly state?: string };
    readonly operationalStatus?: string;
    readonly errorType?: string;
    readonly errorMessage?: string;
  };
  const trouble = [errorType, errorMessage].filter((text) => (text ?? '') !== '').join(': ');
  return {
    state: provisioning?.state || UNINITIALIZED,
    trouble: operationalStatus === 'error' ? trouble || 'error' : '',
  };
}
