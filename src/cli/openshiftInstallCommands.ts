import type { TARGETS } from '#installer/targets.ts';

/** A command of openshift-install. A group has commands; a leaf has a target, or belongs to a story that is not built yet. */
export interface InstallerCommand {
  readonly name: string;
  readonly summary: string;
  readonly isHidden?: true;
  readonly commands?: readonly InstallerCommand[];
  readonly target?: keyof typeof TARGETS;
}

/** Every command of the original (spec/installer/01.4). */
export const INSTALLER_COMMANDS: readonly InstallerCommand[] = [
  {
    name: 'create',
    summary: 'Create part of an OpenShift cluster',
    commands: [
      { name: 'install-config', summary: 'Make the install-config, asking for what is missing' },
      { name: 'manifests', summary: 'Make the Kubernetes manifests' },
      { name: 'ignition-configs', summary: 'Make the Ignition configs' },
      { name: 'single-node-ignition-config', summary: 'Make the Ignition config of a bootstrap in place' },
      { name: 'cluster', summary: 'Create a cluster' },
      { name: 'permissions-policy', summary: 'List the cloud permissions that are needed', isHidden: true },
    ],
  },
  {
    name: 'destroy',
    summary: 'Destroy part of an OpenShift cluster',
    commands: [
      { name: 'cluster', summary: 'Destroy a cluster' },
      { name: 'bootstrap', summary: 'Destroy the bootstrap resources' },
    ],
  },
  {
    name: 'wait-for',
    summary: 'Wait for events of an installation',
    commands: [
      { name: 'bootstrap-complete', summary: 'Wait until bootstrapping is complete' },
      { name: 'install-complete', summary: 'Wait until the cluster is ready' },
    ],
  },
  {
    name: 'gather',
    summary: 'Gather debugging data of a failed installation',
    commands: [{ name: 'bootstrap', summary: 'Gather from the bootstrap machine' }],
  },
  { name: 'analyze', summary: 'Analyze gathered debugging data' },
  { name: 'version', summary: 'Print the version' },
  { name: 'graph', summary: 'Print the graph of assets in DOT form' },
  {
    name: 'coreos',
    summary: 'CoreOS boot images',
    commands: [{ name: 'print-stream-json', summary: 'Print the metadata of the pinned CoreOS release' }],
  },
  {
    name: 'completion',
    summary: 'Print a shell completion script',
    commands: [
      { name: 'bash', summary: 'For bash' },
      { name: 'zsh', summary: 'For zsh' },
    ],
  },
  { name: 'explain', summary: 'Explain the fields of the install-config' },
  {
    name: 'agent',
    summary: 'Agent-based installation',
    commands: [
      {
        name: 'create',
        summary: 'Make files for an agent-based installation',
        commands: [
          { name: 'agent-config-template', summary: 'Make a sample agent-config.yaml' },
          { name: 'cluster-manifests', summary: 'Make the cluster manifests' },
          { name: 'image', summary: 'Make a bootable ISO' },
          { name: 'pxe-files', summary: 'Make files for PXE' },
          { name: 'config-image', summary: 'Make a config ISO' },
        ],
      },
      {
        name: 'wait-for',
        summary: 'Wait for events of an agent-based installation',
        commands: [
          { name: 'bootstrap-complete', summary: 'Wait until bootstrapping is complete' },
          { name: 'install-complete', summary: 'Wait until the cluster is ready' },
        ],
      },
      { name: 'graph', summary: 'Print the graph of assets in DOT form' },
    ],
  },
  {
    name: 'image-based',
    summary: 'Image-based installation of single-node clusters',
    commands: [
      {
        name: 'create',
        summary: 'Make files for an image-based installation',
        commands: [
          { name: 'image-config-template', summary: 'Make a sample image-based-installation-config.yaml' },
          { name: 'image', summary: 'Make the installation ISO' },
          {
            name: 'config-template',
            summary: 'Make a sample image-based-config.yaml',
            target: 'image-based config-template',
          },
          {
            name: 'config-image',
            summary: 'Make the config ISO of one cluster and its credentials',
            target: 'image-based config-image',
          },
        ],
      },
    ],
  },
  { name: 'list-hidden-features', summary: 'List hidden features', isHidden: true },
];
