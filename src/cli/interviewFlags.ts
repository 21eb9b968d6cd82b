import type { InstallerFlag } from './installerCommand.ts';

/** The flags of `create install-config`: answers to the wizard's questions. */
export const INTERVIEW_FLAGS: readonly InstallerFlag[] = [
  {
    flags: '--answers <file>',
    description:
      'YAML file with a part of an install-config: its fields are not asked for; - for standard input',
    values: 'file',
  },
  {
    flags: '--platform <name>',
    description: 'none, external or baremetal',
    values: ['none', 'external', 'baremetal'],
  },
  { flags: '--base-domain <domain>', description: 'domain that the cluster is below', values: [] },
  { flags: '--cluster-name <name>', description: 'first part of the names of the cluster', values: [] },
  {
    flags: '--ssh-key-file <file>',
    description: 'public key that opens the nodes to you',
    values: 'file',
  },
  {
    flags: '--pull-secret-file <file>',
    description: 'credentials for the registries, as JSON; - for standard input',
    values: 'file',
  },
  {
    flags: '--machine-network <cidrs>',
    description: 'networks of the nodes, separated by commas',
    values: [],
  },
  { flags: '--control-plane-replicas <count>', description: 'control plane nodes', values: [] },
  { flags: '--compute-replicas <count>', description: 'worker nodes', values: [] },
  {
    flags: '--api-vip <addresses>',
    description: 'virtual IPs of the API on bare metal, separated by commas',
    values: [],
  },
  {
    flags: '--ingress-vip <addresses>',
    description: 'virtual IPs of the ingress on bare metal, separated by commas',
    values: [],
  },
];

/** The flags of those that were given. */
export const givenAnswers = (values: Readonly<Record<string, string | undefined>>): string[] =>
  INTERVIEW_FLAGS.map(({ flags }) => flags.split(' ')[0]!).filter(
    (name) => values[camelCase(name)] !== undefined,
  );

const camelCase = (flag: string): string =>
  flag.slice(2).replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
