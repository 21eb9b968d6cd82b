import { describe, expect, it } from 'vitest';
import { bootstrapFiles, bootstrapUnits } from '#installer/bootstrap/bootstrapData.ts';
import { openDataFiles } from '#system/dataFiles.ts';
import { bareMetalFacts } from './bootstrapFacts.ts';
import { type Answer, type MachineOutcome, NONE_HA, runOnMachine } from './bootstrapMachine.ts';
import { standInsFor, TEST_SCRIPT, testScript } from './bootstrapPrograms.ts';

const data = openDataFiles('installer/data');
/** The one interface that the test's machine has is the loopback. */
const LOOPBACK_MAC = '00:00:00:00:00:00';
const MACS = { provisioningMACAddress: LOOPBACK_MAC, externalMACAddress: LOOPBACK_MAC };

type Settings = Record<string, unknown>;
const factsOf = (settings: Settings) => bareMetalFacts(NONE_HA, { ...MACS, ...settings });

const textsOf = (settings: Settings): Record<string, string> =>
  Object.fromEntries(bootstrapFiles(factsOf(settings), data).map(({ path, content }) => [path, content]));

/** As systemd reads an EnvironmentFile. */
const variablesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

interface Run {
  readonly settings?: Settings;
  readonly env?: Record<string, string>;
  readonly answers?: readonly Answer[];
  readonly files?: Record<string, string>;
}

const PROGRAMS = standInsFor('ip', 'ip6tables', 'iptables', 'nmcli');
const NETWORK = '/etc/ironic-network.env';

/** Runs lines of bash on the bootstrap machine, with the variables that its units would have. */
function run(
  unit: string,
  lines: readonly string[],
  { settings = {}, env = {}, answers = [], files = {} }: Run,
) {
  const texts = textsOf(settings);
  const environment = Object.fromEntries(
    ['/etc/ironic.env', '/etc/metal3.env', NETWORK].map((path) => [path, texts[path]!]),
  );
  return runOnMachine({
    facts: factsOf(settings),
    script: TEST_SCRIPT,
    unit,
    env: { ...variablesOf(texts[NETWORK]!), ...variablesOf(texts['/etc/metal3.env']!), ...env },
    files: { ...PROGRAMS, ...environment, ...files, ...testScript(...lines) },
    answers,
  });
}

function succeeded(outcome: MachineOutcome): MachineOutcome {
  expect(outcome.exits, outcome.output).toEqual([0]);
  return outcome;
}

const changes = ({ calls }: MachineOutcome) => calls.filter(([tool]) => tool !== 'podman' && tool !== 'ip');

describe('build-ironic-env', () => {
  const build = async (settings: Settings, answers: readonly Answer[] = []) => {
    const script = '/usr/local/bin/build-ironic-env.sh';
    // Twice: what was added is replaced.
    const outcome = await run('build-ironic-env.service', [script, script], { settings, answers });
    const text = succeeded(outcome).files['/etc/ironic.env']!;
    expect(text.match(/^IRONIC_IP=/gm)).toHaveLength(1);
    return { outcome, variables: variablesOf(text) };
  };

  it('finds the interface by its MAC address and the images in the release', async () => {
    const { variables } = await build({});
    expect(variables).toMatchObject({
      IRONIC_HTPASSWD: 'bootstrap-user:$2a$10$hash',
      IRONIC_IMAGE: 'registry.test/ironic@sha256:33',
      IRONIC_AGENT_IMAGE: 'registry.test/ironic-agent@sha256:33',
      MACHINE_OS_IMAGES_IMAGE: 'registry.test/machine-os-images@sha256:33',
      PROVISIONING_INTERFACE: 'lo',
      PROVISIONING_IP: '172.22.0.2/24',
      IRONIC_IP: '172.22.0.2',
      IRONIC_URL_HOST: '172.22.0.2',
      IRONIC_BASE_URL: 'https://172.22.0.2:6385',
    });
  });

  it('puts an address of IPv6 into brackets in URLs', async () => {
    const { variables } = await build({
      provisioningNetworkCIDR: 'fd00::/64',
      bootstrapProvisioningIP: 'fd00::2',
      provisioningDHCPRange: 'fd00::a,fd00::ff',
    });
    expect(variables).toMatchObject({ IRONIC_IP: 'fd00::2', IRONIC_BASE_URL: 'https://[fd00::2]:6385' });
  });

  it('waits for the address that the machine gets where there is no provisioning network', async () => {
    const { outcome, variables } = await build({ provisioningNetwork: 'Disabled' }, [
      { call: 'ip -brief -family inet *', times: 1 },
      { call: 'ip -brief -family inet *', stdout: 'lo UP 192.168.111.9/24 192.168.111.10/24\n' },
    ]);
    expect(variables).toMatchObject({ PROVISIONING_IP: '192.168.111.9', IRONIC_IP: '192.168.111.9' });
    expect(outcome.calls).toContainEqual(['sleep', '2']);
  });
});

describe('the settings of the containers', () => {
  const built = async (env: Record<string, string> = {}) => {
    const outcome = await run(
      'build-metal3-env.service',
      [
        '/usr/local/bin/build-ironic-env.sh',
        'set -a; . <(/usr/bin/grep -v HTPASSWD /etc/ironic.env | /usr/bin/sed "s/=.*/=\\"&\\"/; s/=\\"=/=\\"/"); set +a',
        '/usr/local/bin/build-metal3-env.sh',
        '/usr/local/bin/build-metal3-env.sh',
      ],
      { env },
    );
    return succeeded(outcome).files;
  };

  it('name the images, and where hosts get theirs', async () => {
    const files = await built();
    const variables = variablesOf(files['/etc/metal3.env']!);
    expect(variables).toMatchObject({
      CONTROL_PLANE_REPLICA_COUNT: '3',
      BAREMETAL_OPERATOR_IMAGE: 'registry.test/baremetal-operator@sha256:33',
      IMAGE_CUSTOMIZATION_IMAGE: 'registry.test/image-customization-controller@sha256:33',
      IMAGES_URL: 'http://172.22.0.2:8084',
      PROVISIONING_NETWORK_DISABLED: 'false',
    });
    expect(variables['NO_PROXY']).toBeUndefined();
  });

  it('keep the proxy from being asked for ironic', async () => {
    const files = await built({ HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: '.local' });
    expect(variablesOf(files['/etc/metal3.env']!)['NO_PROXY']).toBe('.local,172.22.0.2');
  });

  it('hold every variable that units and scripts take from them', async () => {
    const files = await built();
    const known = Object.keys({
      ...variablesOf(files[NETWORK]!),
      ...variablesOf(files['/etc/ironic.env']!),
      ...variablesOf(files['/etc/metal3.env']!),
    });
    const quadlets = Object.entries(textsOf({})).filter(([path]) =>
      path.startsWith('/etc/containers/systemd/'),
    );
    const units = bootstrapUnits(factsOf({}), data).map(({ contents }) => contents ?? '');
    const wanted = [...quadlets.map(([, text]) => text), ...units].flatMap((text) =>
      [...text.matchAll(/\$\{([A-Z]\w*)\}/g)].map(([, name]) => name!),
    );
    expect(new Set(wanted).size).toBeGreaterThan(3);
    expect(known).toEqual(expect.arrayContaining(wanted));
  });
});

describe('provisioning-interface', () => {
  const start = (settings: Settings, env: Record<string, string>, address: string) =>
    run('provisioning-interface.service', ['/usr/local/bin/start-provisioning-nic.sh'], {
      settings,
      env: { PROVISIONING_INTERFACE: 'ens4', ...env },
      answers: [
        { call: 'nmcli connection delete *', exit: 10 },
        { call: 'ip *', stdout: 'ens4 UP\n', times: 1 },
        { call: 'ip *', stdout: `ens4 UP ${address} fe80::1/64\n` },
      ],
    });

  it('gives the interface its address and waits until it has it', async () => {
    const outcome = succeeded(await start({}, {}, '172.22.0.2/24'));
    expect(changes(outcome)).toEqual([
      ['nmcli', 'connection', 'delete', 'provisioning'],
      [
        ...['nmcli', 'connection', 'add', 'con-name', 'provisioning', 'connection.type', 'ethernet'],
        ...['connection.interface-name', 'ens4', 'connection.autoconnect', 'yes'],
        ...['ipv4.method', 'manual', 'ipv4.addresses', '172.22.0.2/24', 'ipv4.never-default', 'yes'],
        ...['ipv6.method', 'link-local'],
      ],
      ['nmcli', 'connection', 'up', 'provisioning'],
      ['sleep', '1'],
    ]);
  });

  it('knows IPv6', async () => {
    const settings = { provisioningNetworkCIDR: 'fd00::/64', bootstrapProvisioningIP: 'fd00::2' };
    const outcome = succeeded(await start(settings, {}, 'fd00::2/64'));
    expect(changes(outcome)[1]).toEqual(
      expect.arrayContaining(['ipv6.addresses', 'fd00::2/64', 'ipv4.method', 'disabled']),
    );
  });

  it('changes nothing where there is no provisioning network', async () => {
    const outcome = succeeded(await start({ provisioningNetwork: 'Disabled' }, {}, ''));
    expect(outcome.calls).toEqual([]);
  });
});

describe('the packet filter', () => {
  const on = { PROVISIONING_INTERFACE: 'ens4', IRONIC_IP: '172.22.0.2' };
  const filter = (script: string, more: Run = {}) =>
    run('ironic.service', [`/usr/local/bin/${script}`], { ...more, env: { ...on, ...more.env } });

  it('lets hosts in, once', async () => {
    const first = succeeded(
      await filter('prov-iptables.sh', { answers: [{ call: 'iptables * --check *', exit: 1 }] }),
    );
    const rule = (protocol: string, port: string) => [
      ...['iptables', '--wait', '--insert', 'INPUT', '--in-interface', 'ens4'],
      ...['--protocol', protocol, '--dport', port, '--jump', 'ACCEPT'],
    ];
    expect(first.calls.filter((call) => call.includes('--insert'))).toEqual([
      rule('udp', '67'),
      rule('udp', '69'),
      ...['6180', '6183', '6385', '8084'].map((port) => rule('tcp', port)),
    ]);
    const again = succeeded(await filter('prov-iptables.sh'));
    expect(again.calls.filter((call) => call.includes('--insert'))).toEqual([]);
    const v6 = succeeded(await filter('prov-iptables.sh', { env: { IRONIC_IP: 'fd00::2' } }));
    expect(v6.calls[0]).toEqual(expect.arrayContaining(['ip6tables', '--dport', '547']));
  });

  it('passes on DHCP requests of the hosts that are installed here, and no others', async () => {
    const answers = [{ call: 'iptables * --check *', exit: 1 }];
    const { calls } = succeeded(await filter('dhcp-filter.sh', { answers }));
    const raw = ['iptables', '--wait', '--table', 'raw'];
    const requests = ['PREROUTING', '--in-interface', 'ens4', '--protocol', 'udp', '--dport', '67'];
    expect(calls).toEqual([
      [...raw, '--new-chain', 'DHCP_HOSTS'],
      ...['01', '02', '03'].map((last) => [
        ...[...raw, '--append', 'DHCP_HOSTS', '--match', 'mac', '--mac-source', `00:11:22:33:44:${last}`],
        ...['--jump', 'RETURN'],
      ]),
      [...raw, '--append', 'DHCP_HOSTS', '--jump', 'DROP'],
      [...raw, '--check', ...requests, '--jump', 'DHCP_HOSTS'],
      [...raw, '--insert', ...requests, '--jump', 'DHCP_HOSTS'],
    ]);
  });

  it('is left alone where DHCP is not served here', async () => {
    for (const provisioningNetwork of ['Unmanaged', 'Disabled']) {
      const { calls } = succeeded(await filter('dhcp-filter.sh', { settings: { provisioningNetwork } }));
      expect(calls).toEqual([]);
    }
  });
});

describe('the images of the hosts', () => {
  it('are extracted into the volume, as often as it takes to pull them', async () => {
    const outcome = await run('extract-machine-os.service', ['/usr/local/bin/extract-machine-os.sh'], {
      env: { MACHINE_OS_IMAGES_IMAGE: 'registry.test/os', IP_OPTIONS: 'ip=dhcp' },
      answers: [{ call: 'podman pull *', exit: 125, times: 1 }],
    });
    const pull = ['podman', 'pull', '--quiet', '--authfile', '/root/.docker/config.json', 'registry.test/os'];
    expect(succeeded(outcome).calls).toEqual([
      pull,
      ['sleep', '10'],
      pull,
      [
        ...['podman', 'run', '--quiet', '--rm', '--net=none', '--env', 'IP_OPTIONS=ip=dhcp'],
        ...['--volume', 'ironic:/shared:z', '--entrypoint', '/bin/copy-metal', 'registry.test/os'],
        ...['--all', '/shared/html/images/'],
      ],
    ]);
  });

  const imageData = async (trustBundle: string): Promise<Record<string, string>> => {
    const { files } = succeeded(
      await run(
        'image-customization.service',
        [
          '/usr/local/bin/setup-image-data.sh',
          'stat --format=MODE=%a /run/image-customization.env >/var/seen',
          'cat /run/image-customization.env >>/var/seen',
        ],
        {
          files: {
            '/root/.docker/config.json': '{"auths":{}}\n',
            '/etc/pki/ca-trust/source/anchors/ca.crt': trustBundle,
          },
        },
      ),
    );
    return variablesOf(files['/var/seen']!);
  };

  it('get the pull secret, and the trust bundle if there is one', async () => {
    const secret = Buffer.from('{"auths":{}}\n').toString('base64');
    expect(await imageData('')).toEqual({ MODE: '600', IRONIC_AGENT_PULL_SECRET: secret });
    expect(await imageData('-----BEGIN CERTIFICATE-----\n')).toMatchObject({
      CA_BUNDLE: '/etc/pki/ca-trust/source/anchors/ca.crt',
    });
  });
});

describe('master-bmh-update', () => {
  const hosts = (provisioned: number): string => `${'provisioned\n'.repeat(provisioned)}provisioning\n`;
  const ANSWERS: readonly Answer[] = [
    { call: 'oc get baremetalhosts *', exit: 1, times: 1 },
    { call: 'oc get baremetalhosts *', stdout: hosts(2), times: 1 },
    { call: 'oc get baremetalhosts *', stdout: hosts(3) },
    { call: 'systemctl is-active *', times: 1 },
    { call: 'systemctl is-active *', exit: 3 },
    { call: 'oc annotate *', exit: 1, times: 1 },
  ];
  const update = async (topology: string): Promise<string[]> => {
    const outcome = await run('master-bmh-update.service', ['/usr/local/bin/master-bmh-update.sh'], {
      answers: [...ANSWERS, { call: 'oc get infrastructure *', stdout: topology }],
    });
    return succeeded(outcome).calls.map((call) =>
      call.filter((arg) => !/^--(namespace|output|selector|overwrite|quiet)/.test(arg)).join(' '),
    );
  };
  const WAITING = [
    'oc get baremetalhosts',
    'sleep 20',
    'oc get baremetalhosts',
    'sleep 20',
    'oc get baremetalhosts',
  ];
  const STOPPING = [
    'systemctl stop ironic.service',
    'systemctl is-active metal3-baremetal-operator.service',
    'sleep 5',
    'systemctl is-active metal3-baremetal-operator.service',
  ];
  const UNPAUSE = 'oc annotate baremetalhosts --all baremetalhost.metal3.io/paused-';

  it('hands the hosts over when the control plane is installed and the operator has stopped', async () => {
    expect(await update('HighlyAvailable')).toEqual([
      ...WAITING,
      'oc get infrastructure cluster',
      ...STOPPING,
      ...[UNPAUSE, 'sleep 20', UNPAUSE],
    ]);
  });

  it('detaches the hosts of two nodes with fencing', async () => {
    const detach = 'oc annotate baremetalhosts baremetalhost.metal3.io/detached=';
    expect(await update('DualReplica')).toEqual([
      ...WAITING,
      'oc get infrastructure cluster',
      ...[detach, 'sleep 20', detach],
      ...STOPPING,
      UNPAUSE,
    ]);
  });
});

describe('the dispatcher of NetworkManager', () => {
  const dispatcher = textsOf({})['/etc/NetworkManager/dispatcher.d/30-local-dns-prepender']!;
  const dispatch = async (action: string, servers: string | undefined): Promise<string | undefined> => {
    const outcome = await run(
      'none',
      [
        'mkdir /run/NetworkManager',
        'if [[ -e /var/servers ]]; then cp /var/servers /run/NetworkManager/resolv.conf; fi',
        `/usr/local/bin/dispatcher ens3 ${action}`,
      ],
      {
        files: {
          '/usr/local/bin/dispatcher': dispatcher,
          '/etc/resolv.conf': 'nameserver 9.9.9.9\n',
          ...(servers !== undefined && { '/var/servers': servers }),
        },
      },
    );
    return succeeded(outcome).files['/etc/resolv.conf'];
  };

  it('has the names of the cluster be looked up on this machine first', async () => {
    const before = '# Generated\nsearch site.test\nnameserver 192.168.111.1\nnameserver 127.0.0.1\n';
    const after = 'nameserver 127.0.0.1\n# Generated\nsearch site.test\nnameserver 192.168.111.1\n';
    expect(await dispatch('up', before)).toBe(after);
    expect(await dispatch('dhcp6-change', '')).toBe('nameserver 127.0.0.1\n');
  });

  it('leaves the servers alone at other events, and where NetworkManager knows none', async () => {
    expect(await dispatch('hostname', 'nameserver 192.168.111.1\n')).toBe('nameserver 9.9.9.9\n');
    expect(await dispatch('up', undefined)).toBe('nameserver 9.9.9.9\n');
  });
});
