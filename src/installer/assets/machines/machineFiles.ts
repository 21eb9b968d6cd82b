/** The folder of all manifests that are not "Common Manifests". */
export const OPENSHIFT_FOLDER = 'openshift';

/** A pool of machines that have a role of their own in the cluster. */
export type MachineRole = 'master' | 'arbiter' | 'worker';

/** Kinds of files of which there is one for each object; the names are upstream's (spec/installer/05.3). */
const KINDS = {
  bmcSecrets: '99_openshift-cluster-api_host-bmc-secrets-',
  networkSecrets: '99_openshift-cluster-api_host-network-config-secrets-',
  hosts: '99_openshift-cluster-api_hosts-',
  masterMachines: '99_openshift-cluster-api_master-machines-',
  arbiterBmcSecrets: '99_openshift-cluster-api_arbiter_host-bmc-secrets-',
  arbiterNetworkSecrets: '99_openshift-cluster-api_arbiter_host-network-config-secrets-',
  arbiterHosts: '99_openshift-cluster-api_arbiter_hosts-',
  arbiterMachines: '99_openshift-cluster-api_arbiter-machines-',
  workerMachineSets: '99_openshift-cluster-api_worker-machineset-',
  workerMachines: '99_openshift-cluster-api_worker-machines-',
  fencingSecrets: '99_openshift-etcd_fencing-credentials-secrets-',
} as const;
export type MachineFileKind = keyof typeof KINDS;

const MACHINE_CONFIG = '99_openshift-machineconfig_';

/** Path of the pointer config's Secret; a role's assets are loaded from disk only if it is there (spec/installer/02.4). */
export const userDataPath = (role: MachineRole): string =>
  `${OPENSHIFT_FOLDER}/99_openshift-cluster-api_${role}-user-data-secret.yaml`;

/** Path of the MachineConfig of that name. */
export const machineConfigPath = (name: string): string =>
  `${OPENSHIFT_FOLDER}/${MACHINE_CONFIG}${name}.yaml`;

/** Path of the n-th file of a kind; the index has as many digits as the number of all of them, so that names sort. */
export const machineFilePath = (kind: MachineFileKind, index: number, total: number): string =>
  `${OPENSHIFT_FOLDER}/${KINDS[kind]}${String(index).padStart(String(total).length, '0')}.yaml`;

/** Any MachineConfig that is named as this program names them, of whichever role. */
export const isMachineConfigPath = (path: string): boolean => isNumberedPath(path, MACHINE_CONFIG);

export const isPathOfKind = (path: string, kind: MachineFileKind): boolean =>
  isNumberedPath(path, KINDS[kind]);

const isNumberedPath = (path: string, start: string): boolean =>
  path.startsWith(`${OPENSHIFT_FOLDER}/${start}`) && path.endsWith('.yaml');

/** True for what the machine assets own in the folder: it is no part of "Openshift Manifests" (spec/installer/02.4). */
export const belongsToMachineAsset = (path: string): boolean =>
  (['master', 'arbiter', 'worker'] as const).some((role) => path === userDataPath(role)) ||
  isMachineConfigPath(path) ||
  (Object.keys(KINDS) as MachineFileKind[]).some((kind) => isPathOfKind(path, kind));
