/** Everything that the configuration volume brings lies here (lifecycle-agent 2.3). */
export const WORK_DIRECTORY = '/opt/openshift';
export const CONFIGURATION = 'cluster-configuration/manifest.json';
export const MANIFESTS = 'cluster-configuration/manifests';
export const EXTRA_MANIFESTS = 'extra-manifests';
export const SYSTEM_CONNECTIONS = 'network-configuration/system-connections';
export const CERT_MANAGER_KEYS = 'cluster-configuration/certmanager-crypto';
export const LVM_DEVICES = 'lvm-configuration/system.devices';

export const SEED_MANIFEST = '/var/seed_data/manifest.json';
export const KUBECONFIG_CRYPTO = `${WORK_DIRECTORY}/kubeconfig-crypto`;
export const RECERT_CONFIG = `${WORK_DIRECTORY}/recert_config.json`;
/** Holds new keys until recert is done; removed with the rest of the work directory. */
export const RECERT_JOURNAL = `${WORK_DIRECTORY}/recert-journal`;
export const RECERT_SUMMARY = '/var/tmp/recert-summary.yaml';

/** Never part of a seed image (6.3), so what is below belongs to this host's own life. */
export const STATE_DIRECTORY = '/var/lib/lca';
export const JOURNAL = `${STATE_DIRECTORY}/post-pivot-journal.jsonl`;
export const RESULT = `${STATE_DIRECTORY}/post-pivot-result.json`;
/** There from the first to the last change of a reset. */
export const RESET_STARTED = `${STATE_DIRECTORY}/reset-started`;
/** How often the watchdog has reset or restarted this host. */
export const INTERVENTIONS = `${STATE_DIRECTORY}/watchdog-interventions`;

/** What holds only until the next boot. */
export const RUNTIME_DIRECTORY = '/run/lca';

export const NODE_KUBECONFIG =
  '/etc/kubernetes/static-pod-resources/kube-apiserver-certs/secrets/node-kubeconfigs/lb-ext.kubeconfig';
export const PULL_SECRET = '/var/lib/kubelet/config.json';
export const ETCD_DATA = '/var/lib/etcd';
export const ETCD_POD = '/etc/kubernetes/manifests/etcd-pod.yaml';
export const UNIT = 'installation-configuration.service';
export const WATCHDOG_UNIT = 'lca-init-monitor.service';
