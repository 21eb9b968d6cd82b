import type { COMPLETION_SCRIPTS } from './completionScripts.ts';
import { ALLOW_UNKNOWN_FIELDS, type InstallerCommand, type InstallerFlag } from './installerCommand.ts';
import { INTERVIEW_FLAGS } from './interviewFlags.ts';

const TEXT_OR_JSON: InstallerFlag = {
  flags: '-o, --output <form>',
  description: 'text or json',
  default: 'text',
  values: ['text', 'json'],
};

const SKIP_PASSWORD: InstallerFlag = {
  flags: '--skip-password-print',
  description: 'do not tell the password of kubeadmin at the end',
  values: 'switch',
};

/** Every command of the original (spec/installer/01.4). */
export const INSTALLER_COMMANDS: readonly InstallerCommand[] = [
  {
    name: 'create',
    summary: 'Create part of an OpenShift cluster',
    commands: [
      {
        name: 'install-config',
        summary: 'Make the install-config, asking for what is missing',
        target: 'install-config',
        flags: INTERVIEW_FLAGS,
      },
      { name: 'manifests', summary: 'Make the Kubernetes manifests', target: 'manifests', freshKeys: 2 },
      {
        name: 'ignition-configs',
        summary: 'Make the Ignition configs',
        target: 'ignition-configs',
        freshKeys: 26,
      },
      {
        name: 'single-node-ignition-config',
        summary: 'Make the Ignition config of a bootstrap in place',
        target: 'single-node-ignition-config',
        freshKeys: 26,
      },
      {
        name: 'cluster',
        summary: 'Create a cluster on bare metal',
        target: 'cluster',
        flags: [SKIP_PASSWORD],
        act: async () => (await import('./createClusterCommand.ts')).createClusterCommand,
      },
      { name: 'permissions-policy', summary: 'List the cloud permissions that are needed', isHidden: true },
    ],
  },
  {
    name: 'destroy',
    summary: 'Destroy part of an OpenShift cluster',
    commands: [
      {
        name: 'cluster',
        summary: 'Destroy a cluster',
        act: async () => (await import('./destroyCommands.ts')).destroyClusterCommand,
      },
      {
        name: 'bootstrap',
        summary: 'Destroy the bootstrap resources',
        act: async () => (await import('./destroyCommands.ts')).destroyBootstrapCommand,
      },
    ],
  },
  {
    name: 'wait-for',
    summary: 'Wait for events of an installation',
    commands: [
      {
        name: 'bootstrap-complete',
        summary: 'Wait until bootstrapping is complete',
        act: async () => (await import('./waitForCommands.ts')).waitForBootstrapCommand,
      },
      {
        name: 'install-complete',
        summary: 'Wait until the cluster is ready',
        flags: [SKIP_PASSWORD],
        act: async () => (await import('./waitForCommands.ts')).waitForInstallCommand,
      },
    ],
  },
  {
    name: 'gather',
    summary: 'Gather debugging data of a failed installation',
    commands: [{ name: 'bootstrap', summary: 'Gather from the bootstrap machine' }],
  },
  { name: 'analyze', summary: 'Analyze gathered debugging data' },
  {
    name: 'validate',
    summary: 'Check all input files of the directory; nothing is written',
    flags: [TEXT_OR_JSON, ALLOW_UNKNOWN_FIELDS],
    look: async () => (await import('./validateCommand.ts')).validateCommand,
  },
  {
    name: 'status',
    summary: 'Tell what the directory holds and what comes next; nothing is written',
    flags: [TEXT_OR_JSON],
    look: async () => (await import('./statusCommand.ts')).statusCommand,
  },
  {
    name: 'version',
    summary: 'Print the version',
    flags: [
      {
        flags: '-o, --output <form>',
        description: 'text, json or yaml',
        default: 'text',
        values: ['text', 'json', 'yaml'],
      },
    ],
    print: async () => {
      const { renderVersion } = await import('./installerVersion.ts');
      return ({ output = 'text' }) => renderVersion(output);
    },
  },
  {
    name: 'graph',
    summary: 'Print the graph of assets in DOT form',
    flags: [
      {
        flags: '--output-file <path>',
        description: 'file to write the graph to (default: standard output)',
        values: 'file',
      },
    ],
    print: async () => {
      const [{ renderAssetGraph }, { TARGETS }] = await Promise.all([
        import('#installer/graph.ts'),
        import('#installer/targets.ts'),
      ]);
      return () => renderAssetGraph(TARGETS);
    },
  },
  {
    name: 'coreos',
    summary: 'CoreOS boot images',
    commands: [
      {
        name: 'print-stream-json',
        summary: 'Print the metadata of the pinned CoreOS release',
        print: async () => (await import('#installer/stream/pinned.ts')).renderPinnedStream,
      },
    ],
  },
  {
    name: 'completion',
    summary: 'Print a shell completion script',
    commands: [
      completionFor('bash', 'For bash'),
      completionFor('zsh', 'For zsh'),
      completionFor('fish', 'For fish'),
      completionFor('powershell', 'For PowerShell'),
    ],
  },
  {
    name: 'explain',
    summary: 'Explain the install-config and its fields: installconfig[.field[.field...]]',
    operands: '[resource...]',
    operandWords: async () => (await import('./explain.ts')).resourcePaths(),
    print: async () => {
      const { explainResource } = await import('./explain.ts');
      return (_, operands) => explainResource(operands);
    },
  },
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
          {
            name: 'image-config-template',
            summary: 'Make a sample image-based-installation-config.yaml',
            target: 'image-based image-config-template',
          },
          {
            name: 'image',
            summary: 'Make the installation ISO',
            target: 'image-based image',
            flags: [
              {
                flags: '--base-iso <path>',
                description:
                  'CoreOS live ISO to start from, instead of the pinned one of the cache or the network',
                values: 'file',
              },
            ],
          },
          {
            name: 'config-template',
            summary: 'Make a sample image-based-config.yaml',
            target: 'image-based config-template',
          },
          {
            name: 'config-image',
            summary: 'Make the config ISO of one cluster and its credentials',
            target: 'image-based config-image',
            freshKeys: 6,
          },
        ],
      },
    ],
  },
  { name: 'list-hidden-features', summary: 'List hidden features', isHidden: true },
];

function completionFor(name: keyof typeof COMPLETION_SCRIPTS, summary: string): InstallerCommand {
  const print = async () => {
    const scripts = (await import('./completionScripts.ts')).COMPLETION_SCRIPTS;
    return () => scripts[name];
  };
  return { name, summary, print };
}
