import {
  findAnswer,
  type Interview,
  type Mapping,
  mappingOf,
  memberAt,
  type Question,
  type Terminal,
} from '../../interview.ts';
import { findFault } from './answerRules.ts';

const PATH = ['platform', 'baremetal'];

/** `platform.baremetal` as far as upstream's wizard asks for it (spec/installer/10.2), completed by what was given. */
export async function askBareMetal(interview: Interview): Promise<Mapping> {
  const given = mappingOf(memberAt(interview.given, PATH));
  if (interview.terminal === undefined) return given;
  const found: Record<string, unknown> = { ...given };
  const ask = async (name: string, question: Omit<Question, 'check'>): Promise<void> => {
    const check = (answer: string) => findBareMetalFault({ ...found, [name]: answer }, name);
    found[name] = await findAnswer({ path: [...PATH, name], default: '', check, ...question }, interview);
  };
  await ask('provisioningNetwork', {
    message: 'Provisioning Network',
    kind: 'choice',
    default: 'Managed',
    help: 'a network of its own over which the hosts are installed',
    choices: [
      { value: 'Managed', help: 'the cluster runs the DHCP server of this network' },
      { value: 'Unmanaged', help: 'you run the DHCP server of this network' },
      { value: 'Disabled', help: 'there is none: hosts are installed by virtual media' },
    ],
  });
  if (found['provisioningNetwork'] !== 'Disabled') {
    await ask('provisioningNetworkCIDR', {
      message: 'Provisioning Network CIDR',
      kind: 'text',
      default: '172.22.0.0/24',
    });
    await ask('provisioningBridge', {
      message: 'Provisioning bridge',
      kind: 'text',
      default: 'provisioning',
    });
    await ask('provisioningNetworkInterface', {
      message: 'Provisioning Network Interface',
      kind: 'text',
      help: 'name of the interface of the control plane nodes; empty: found by its MAC address',
    });
  }
  await ask('externalBridge', { message: 'External bridge', kind: 'text', default: 'baremetal' });
  found['hosts'] ??= await askHosts(interview.terminal);
  return found;
}

const findBareMetalFault = (baremetal: Mapping, name: string): string | undefined =>
  findFault({ platform: { baremetal } }, `platform.baremetal.${name}`);

async function askHosts(terminal: Terminal): Promise<Mapping[]> {
  const hosts: Mapping[] = [];
  do hosts.push(await askHost(hosts, terminal));
  while ((await terminal.ask(ANOTHER)) === 'yes');
  return hosts;
}

const ANOTHER: Question = { message: 'Add another host?', kind: 'confirm', default: 'no' };

async function askHost(others: readonly Mapping[], terminal: Terminal): Promise<Mapping> {
  const role = await terminal.ask(ROLE);
  const name = await terminal.ask({
    message: 'Name',
    kind: 'text',
    check: (answer) => findHostFault([...others, { name: answer }], 'name'),
  });
  const bmc: Record<string, string> = {};
  for (const { member, ...question } of BOARD_CONTROLLER) {
    const check = (answer: string): string | undefined =>
      question.check?.(answer) ??
      findHostFault([...others, { bmc: { ...bmc, [member]: answer } }], `bmc.${member}`);
    bmc[member] = await terminal.ask({ ...question, check });
  }
  const bootMACAddress = await terminal.ask({
    message: 'Boot MAC Address',
    kind: 'text',
    check: (answer) =>
      findMacFault(answer) ?? findHostFault([...others, { bootMACAddress: answer }], 'bootMACAddress'),
  });
  return { name, role, bmc, bootMACAddress };
}

const ROLE: Question = {
  message: 'Add a Host:',
  kind: 'choice',
  choices: [
    { value: 'master', name: 'control plane' },
    { value: 'worker', name: 'worker' },
  ],
};

const BOARD_CONTROLLER: readonly (Question & { readonly member: string })[] = [
  {
    member: 'address',
    message: 'BMC Address',
    kind: 'text',
    help: 'such as redfish+https://192.0.2.10/redfish/v1/Systems/1',
    check: (answer) => (URL.canParse(answer) ? undefined : 'expected a URL'),
  },
  { member: 'username', message: 'BMC Username', kind: 'text' },
  { member: 'password', message: 'BMC Password', kind: 'secret' },
];

/** What the rules for hosts say of a member of the last of these. */
const findHostFault = (hosts: readonly Mapping[], member: string): string | undefined =>
  findFault({ platform: { baremetal: { hosts } } }, `${PATH.join('.')}.hosts[${hosts.length - 1}].${member}`);

/** An address of one card: the lowest bit of the first octet is that of groups. */
const findMacFault = (answer: string): string | undefined =>
  /^[0-9a-f][02468ace]([:-][0-9a-f]{2}){5}$/i.test(answer) ? undefined : 'expected a unicast MAC address';
