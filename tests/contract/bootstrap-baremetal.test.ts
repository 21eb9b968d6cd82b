import { describe, expect, it } from 'vitest';
import {
  type BareMetalRun,
  runOnBareMetal,
  type Settings,
  succeeded,
  textsOf,
  variablesOf,
} from './bareMetalMachine.ts';
import type { Answer, MachineOutcome } from './bootstrapMachine.ts';

const changes = ({ calls }: MachineOutcome) => calls.filter(([tool]) => tool !== 'podman' && tool !== 'ip');

describe.concurrent('provisioning-interface', () => {
  const start = (settings: Settings, env: Record<string, string>, address: string) =>
    runOnBareMetal('provisioning-interface.service', ['/usr/local/bin/start-provisioning-nic.sh'], {
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

describe.concurrent('the packet filter', () => {
  const on = { PROVISIONING_INTERFACE: 'ens4', IRONIC_IP: '172.22.0.2' };
  const filter = (script: string, more: BareMetalRun = {}) =>
    runOnBareMetal('ironic.service', [`/usr/local/bin/${script}`], { ...more, env: { ...on, ...more.env } });

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

describe.concurrent('the images of the hosts', () => {
  it('are extracted into the volume, as often as it takes to pull them', async () => {
    const outcome = await runOnBareMetal(
      'extract-machine-os.service',
      ['/usr/local/bin/extract-machine-os.sh'],
      {
        env: { MACHINE_OS_IMAGES_IMAGE: 'registry.test/os', IP_OPTIONS: 'ip=dhcp' },
        answers: [{ call: 'podman pull *', exit: 125, times: 1 }],
      },
    );
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
      await runOnBareMetal(
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

describe.concurrent('master-bmh-update', () => {
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
    const outcome = await runOnBareMetal(
      'master-bmh-update.service',
      ['/usr/local/bin/master-bmh-update.sh'],
      {
        answers: [...ANSWERS, { call: 'oc get infrastructure *', stdout: topology }],
      },
    );
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

describe.concurrent('the dispatcher of NetworkManager', () => {
  const dispatcher = textsOf({})['/etc/NetworkManager/dispatcher.d/30-local-dns-prepender']!;
  const dispatch = async (action: string, servers: string | undefined): Promise<string | undefined> => {
    const outcome = await runOnBareMetal(
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
