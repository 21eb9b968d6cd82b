import { findAnswer, type Interview, type Mapping, mappingOf, memberAt } from '../../interview.ts';
import { findFault } from './answerRules.ts';

const MACHINE_NETWORK = '10.0.0.0/16';

/**
 * Fills in what has a default but hardly ever the right one: machine network, number of nodes, virtual IPs. Upstream
 * asks for none of them.
 */
export async function askLayout(config: Mapping, interview: Interview): Promise<Mapping> {
  if (interview.terminal === undefined) return config;
  const withNetwork = await askMachineNetwork(config, interview);
  const withAddresses = await askVirtualIps(withNetwork, interview);
  return askNodes(withAddresses, interview);
}

async function askMachineNetwork(config: Mapping, interview: Interview): Promise<Mapping> {
  const networking = mappingOf(config['networking']);
  if (networking['machineNetwork'] !== undefined || networking['machineCIDR'] !== undefined) return config;
  const draft = (answer: string): Mapping => ({
    ...config,
    networking: { ...networking, machineNetwork: itemsOf(answer).map((cidr) => ({ cidr })) },
  });
  const cidrs = await interview.terminal!.ask({
    message: 'Machine Network',
    kind: 'text',
    help: 'where the nodes have their addresses; two, with a comma, for dual-stack',
    default: MACHINE_NETWORK,
    check: (answer) => findFault(draft(answer), 'networking.machineNetwork'),
  });
  return draft(cidrs);
}

const itemsOf = (answer: string): string[] => answer.split(',').map((item) => item.trim());

const API_RULES = 'platform.baremetal.apiVIPs';

const VIRTUAL_IPS = [
  { list: 'apiVIPs', one: 'apiVIP', message: 'Virtual IP of the API', rules: [API_RULES] },
  {
    list: 'ingressVIPs',
    one: 'ingressVIP',
    message: 'Virtual IP of the ingress',
    // That both are the same is told of the API's.
    rules: ['platform.baremetal.ingressVIPs', API_RULES],
  },
];

async function askVirtualIps(config: Mapping, interview: Interview): Promise<Mapping> {
  if (memberAt(config, ['platform', 'baremetal']) === undefined) return config;
  let found = config;
  for (const { list, one, message, rules } of VIRTUAL_IPS) {
    const baremetal = mappingOf(memberAt(found, ['platform', 'baremetal']));
    if (baremetal[list] !== undefined || baremetal[one] !== undefined) continue;
    const draft = (answer: string): Mapping => ({
      ...found,
      platform: { ...mappingOf(found['platform']), baremetal: { ...baremetal, [list]: itemsOf(answer) } },
    });
    const addresses = await interview.terminal!.ask({
      message,
      kind: 'text',
      help: 'a free address of the machine network',
      check: (answer) => findFault(draft(answer), ...rules),
    });
    found = draft(addresses);
  }
  return found;
}

async function askNodes(config: Mapping, interview: Interview): Promise<Mapping> {
  const hosts = memberAt(config, ['platform', 'baremetal', 'hosts']);
  const hostsOf = (role: string): string | undefined =>
    Array.isArray(hosts)
      ? String(hosts.filter((host) => mappingOf(host)['role'] === role).length)
      : undefined;
  const controlPlane = {
    ...mappingOf(config['controlPlane']),
    name: 'master',
    replicas: Number(
      await findAnswer(
        {
          path: ['controlPlane', 'replicas'],
          message: 'Control plane nodes',
          kind: 'text',
          help: '1 makes a single-node cluster',
          default: hostsOf('master') ?? '3',
          check: (answer) => findCountFault(answer, 1),
        },
        interview,
      ),
    ),
  };
  if (config['compute'] !== undefined) return { ...config, controlPlane };
  const replicas = await interview.terminal!.ask({
    message: 'Worker nodes',
    kind: 'text',
    help: '0: the control plane nodes run the workload too',
    default: hostsOf('worker') ?? (controlPlane.replicas === 1 ? '0' : '3'),
    check: (answer) => findCountFault(answer, 0),
  });
  return { ...config, controlPlane, compute: [{ name: 'worker', replicas: Number(replicas) }] };
}

const findCountFault = (answer: string, least: number): string | undefined =>
  /^\d{1,4}$/.test(answer) && Number(answer) >= least
    ? undefined
    : `expected a whole number, ${least} or more`;
