/** Labels of a seed image (lifecycle-agent 2.4). */
export const SEED_FORMAT_LABEL = 'com.openshift.lifecycle-agent.seed_format_version';
export const SEED_INFO_LABEL = 'com.openshift.lifecycle-agent.seed_cluster_info';
/** Ours: which image store the seed's cluster has, so that images can be precached before there is a deployment. */
export const SEED_STORE_LABEL = 'io.sower.seed.container_store';

/** The format since May 2024; older ones are not installable. */
export const SEED_FORMAT = '4';

/** Members of a seed image's root (lifecycle-agent 8). */
export const SEED_MEMBERS = {
  executable: 'lca-cli',
  clusterInfo: 'manifest.json',
  images: 'containers.list',
  ostree: 'ostree.tgz',
  rpmOstree: 'rpm-ostree.json',
  machineConfig: 'mco-currentconfig.json',
  var: 'var.tgz',
  etc: 'etc.tgz',
  etcDeletions: 'etc.deletions',
} as const;

/** `<checksum>.<serial>` is the deployment's directory name. */
export const originMember = (deployment: string): string => `ostree-${deployment}.origin`;

/** The stateroot of an installation: `rhcos_` and the version with `_` for `-`. */
export const staterootOf = (version: string): string => `rhcos_${version.replaceAll('-', '_')}`;
