import { describe, expect, it } from 'vitest';
import { parseInstallConfig } from '#api/installConfig.ts';
import { type Problem, renderProblem } from '#base/report.ts';
import { applyDefaults } from './defaults.ts';
import { RULE_ROWS } from './rows.ts';
import { INSTALL_CONFIG_RULES } from './table.ts';
import { upconvertInstallConfig } from './upconvert.ts';

const CLUSTER = {
  apiVersion: 'v1',
  baseDomain: 'site.test',
  metadata: { name: 'c' },
  platform: { none: {} },
  pullSecret: '{"auths":{"r.test":{"auth":"eA=="}}}',
};

const host = (n: number, changes: object = {}): object => ({
  name: `h${n}`,
  role: 'master',
  bootMACAddress: `02:00:00:00:00:0${n}`,
  bmc: { address: `redfish://bmc${n}.test`, username: 'u', password: 'p' },
  ...changes,
});
const HOSTS = [host(1), host(2), host(3)];
const metal = (changes: object, others: object = {}): object => ({
  platform: { baremetal: { apiVIPs: ['10.0.0.5'], ingressVIPs: ['10.0.0.6'], hosts: HOSTS, ...changes } },
  compute: [{ name: 'worker', replicas: 0 }],
  ...others,
});
const ADDRESS = { ip: '192.0.2.5', 'prefix-length': 24 };
const networked = (networkConfig: object): object =>
  metal({ hosts: [host(1, { networkConfig }), host(2), host(3)] });
const net = (changes: object): object => ({ networking: changes });
const credential = (n: number): object => ({
  hostName: `h${n}`,
  address: `redfish://${n}.test`,
  username: 'u',
  password: 'p',
});
const fenced = (replicas: number, count: number): object => ({
  controlPlane: { replicas, fencing: { credentials: [1, 2, 3].slice(0, count).map(credential) } },
  featureSet: 'DevPreviewNoUpgrade',
});
const arbiter = (replicas: number, controlPlanes: number): object =>
  metal(
    {},
    { arbiter: { replicas }, controlPlane: { replicas: controlPlanes }, featureSet: 'TechPreviewNoUpgrade' },
  );
const capable = (set: string, ...more: string[]): object => ({
  capabilities: { baselineCapabilitySet: set, additionalEnabledCapabilities: more },
});

/** For each rule something that it accepts, the outermost thing that it accepts, and things that it refuses with a part of what it says. */
interface RuleCase {
  readonly accepts: object;
  readonly boundary: object;
  readonly refuses: readonly (readonly [changes: object, says: string])[];
}

const joinSubnet = (cidr: string): object =>
  net({ ovnKubernetesConfig: { ipv4: { internalJoinSubnet: cidr } } });

const mediaHosts = (): object[] =>
  HOSTS.map((each, i) => ({
    ...each,
    bmc: { address: `redfish-virtualmedia+https://bmc${i}.test`, username: 'u', password: 'p' },
  }));
const SUM = 'a'.repeat(64);

/** Of `platform.baremetal` alone, which has the default network 172.22.0.0/24 for provisioning. */
const PROVISIONING_REFUSALS = (
  [
    [
      { clusterProvisioningIP: '10.0.0.9' },
      'clusterProvisioningIP: Invalid value: "10.0.0.9": "10.0.0.9" is not in the provisioning network',
    ],
    [{ clusterProvisioningIP: '10.0.0.9' }, 'the IP must not be in one of the machine networks'],
    [{ clusterProvisioningIP: '172.22.0.10' }, '"172.22.0.10" overlaps with the allocated DHCP range'],
    [{ bootstrapProvisioningIP: '172.22.0.254' }, '"172.22.0.254" overlaps with the allocated DHCP range'],
    [
      { provisioningDHCPRange: '172.22.0.10' },
      'provisioning DHCP range should be in format: start_ip,end_ip',
    ],
    [{ provisioningDHCPRange: '172.22.0.10,x' }, 'x: "x" is not a valid IP'],
    [{ provisioningDHCPRange: '172.22.0.10,172.22.1.1' }, '"172.22.1.1" is not in the provisioning network'],
    [
      { provisioningNetworkCIDR: '172.22.0.1/24' },
      'provisioningNetworkCIDR has host bits set, expected 172.22.0.0/24',
    ],
    [
      { provisioningNetworkCIDR: 'fd00:1::/63' },
      'mask must be greater than or equal to 64 for IPv6 networks',
    ],
    [
      { externalMACAddress: '52-54-00' },
      'externalMACAddress: Invalid value: "52-54-00": address 52-54-00: invalid MAC address',
    ],
    [{ provisioningMACAddress: '53:54:00:00:00:01' }, 'expected unicast mac address, found multicast'],
    [
      { externalMACAddress: '52:54:00:00:00:0a', provisioningMACAddress: '52:54:00:00:00:0A' },
      'provisioning and external MAC addresses may not be identical',
    ],
    [
      { libvirtURI: '192.0.2.1' },
      'libvirtURI: Invalid value: "192.0.2.1": invalid URI "192.0.2.1" (no scheme)',
    ],
    [{ bootstrapOSImage: 'image' }, 'the URI provided: image is invalid'],
    [{ bootstrapOSImage: `file:///image?sha256=${SUM}` }, 'must begin with http/https'],
    [
      { bootstrapOSImage: 'http://images.test/b' },
      'the sha256 parameter in the http://images.test/b URI is missing',
    ],
    [
      { clusterOSImage: 'http://u:p@images.test/c?sha256=1' },
      'clusterOSImage: Invalid value: "http://images.test/c?sha256=1": the sha256 parameter in the http://images.test/c?sha256=1 URI is invalid',
    ],
    [{ additionalNTPServers: ['a_b'] }, 'NTP server is not a valid IP or domain name'],
    [
      { bootstrapExternalStaticIP: '10.0.0.9', bootstrapExternalStaticGateway: '10.0.0.1' },
      'platform.baremetal: Required value: You must specify a value for BootstrapExternalStaticDNS when BootstrapExternalStaticIP is set.',
    ],
    [
      { bootstrapExternalStaticDNS: '10.0.0.1' },
      'You must specify a value for BootstrapExternalStaticIP when BootstrapExternalStaticDNS is set.',
    ],
  ] as const
).map(([platform, says]) => [metal(platform), says] as const);

const CASES: Readonly<Record<string, RuleCase>> = {
  version: {
    accepts: {},
    boundary: { apiVersion: 'v1beta3' },
    refuses: [
      [{ apiVersion: '' }, 'apiVersion: Required value: '],
      [{ apiVersion: 'v1beta2' }, 'cannot upconvert from version v1beta2'],
      [
        metal({ apiVIP: '10.0.0.9' }),
        'platform.baremetal.apiVIPs: Invalid value: "10.0.0.9": apiVIP is deprecated',
      ],
      [
        metal({ provisioningHostIP: '172.22.0.9', clusterProvisioningIP: '172.22.0.8' }),
        'provisioningHostIP is deprecated',
      ],
    ],
  },
  'ssh-key': {
    accepts: { sshKey: `ssh-test ${blob('ssh-test')}` },
    boundary: { fips: true, sshKey: `ecdsa-sha2-nistp521 ${blob('ecdsa-sha2-nistp521')}` },
    refuses: [
      [{ sshKey: 'x' }, 'ssh: no key found'],
      [{ fips: true, sshKey: 'x' }, 'Fatal error trying to parse configured public key'],
      [{ fips: true, sshKey: `ssh-test ${blob('ssh-test')}` }, 'SSH key type ssh-test unavailable'],
    ],
  },
  fips: { accepts: {}, boundary: { fips: false }, refuses: [[{ fips: true }, 'fips: Forbidden: ']] },
  'trust-bundle': {
    accepts: {},
    boundary: { additionalTrustBundle: '' },
    refuses: [[{ additionalTrustBundle: 'x' }, 'invalid block']],
  },
  'trust-bundle-policy': {
    accepts: {},
    boundary: { additionalTrustBundlePolicy: 'Always' },
    refuses: [[{ additionalTrustBundlePolicy: 'always' }, 'supported values "Proxyonly", "Always"']],
  },
  names: {
    accepts: { metadata: { name: 'a.b' } },
    boundary: { metadata: { name: 'a'.repeat(54) } },
    refuses: [
      [{ metadata: { name: 'a'.repeat(55) } }, 'no more than 54'],
      [metal({}, { metadata: { name: 'a.b' } }), "cluster name must not contain '.'"],
      [{ baseDomain: '' }, 'baseDomain: Invalid value: "": a lowercase RFC 1123'],
    ],
  },
  networking: {
    accepts: net({ machineNetwork: [{ cidr: '192.0.2.0/24' }] }),
    boundary: net({ serviceNetwork: ['192.0.0.0/12'] }),
    refuses: [[net({ serviceNetwork: ['172.0.0.0/11'] }), 'must be /12 or greater']],
  },
  mtu: {
    accepts: {},
    boundary: net({ clusterNetworkMTU: 0 }),
    refuses: [[net({ clusterNetworkMTU: 1 }), 'allowed only in AWS']],
  },
  vips: {
    accepts: metal({}),
    boundary: metal({ apiVIPs: ['10.0.0.0'], ingressVIPs: ['10.0.255.255'] }),
    refuses: [
      [metal({ apiVIPs: ['10.1.0.0'] }), 'one of the machine networks: 10.0.0.0/16'],
      [metal({ apiVIPs: ['10.0.0.6'] }), 'VIP for API must not be one of the Ingress VIPs'],
      [metal({ apiVIPs: ['x'] }), '"x" is not a valid IP'],
      [metal({ apiVIPs: [] }), 'must specify VIP for API, when VIP for ingress is set'],
      [metal({ ingressVIPs: [] }), 'must specify VIP for ingress, when VIP for API is set'],
      [
        metal({ ingressVIPs: ['10.0.0.6', '10.0.0.7'] }),
        '[]string{"10.0.0.6", "10.0.0.7"}: If two Ingress VIPs',
      ],
      [
        metal({ ingressVIPs: ['10.0.0.6', '10.0.0.7', '10.0.0.8'] }),
        'Too many: 3: must have at most 2 items',
      ],
      [
        metal(
          { apiVIPs: ['fd00::5'] },
          net({ machineNetwork: [{ cidr: '10.0.0.0/16' }, { cidr: 'fd00::/64' }] }),
        ),
        "VIP for the API must be of the same IP family with machine network's primary",
      ],
    ],
  },
  'join-subnet': {
    accepts: joinSubnet('100.80.0.0/16'),
    boundary: joinSubnet('100.80.0.0/22'),
    refuses: [
      [joinSubnet('100.80.0.0/23'), 'not large enough'],
      [
        net({
          clusterNetwork: [{ cidr: '10.128.0.0/14' }],
          ovnKubernetesConfig: { ipv4: { internalJoinSubnet: '100.80.0.0/16' } },
        }),
        'Internal error: cannot determine the number of nodes supported by cluster network 0',
      ],
    ],
  },
  platform: {
    accepts: {},
    boundary: { platform: { external: {} } },
    refuses: [
      [{ platform: {} }, 'must specify one of the platforms'],
      [{ platform: { none: {}, aws: {} } }, 'cannot use both "aws" and "none"'],
    ],
  },
  'provisioning-network': {
    accepts: metal({}),
    boundary: metal({ provisioningNetwork: 'Disabled' }),
    refuses: [
      [metal({ provisioningNetwork: 'disabled' }), 'supported values: "Disabled", "Managed", "Unmanaged"'],
      [metal({ clusterProvisioningIP: '1.2.3' }), '"1.2.3" is not a valid IP'],
      [metal({ provisioningNetworkCIDR: '172.22.0.0' }), 'invalid CIDR address: 172.22.0.0'],
    ],
  },
  hosts: {
    accepts: metal({}),
    boundary: metal({
      hosts: [host(1), host(2), host(3, { rootDeviceHints: { deviceName: '/dev/disk/by-path/a/b' } })],
    }),
    refuses: [
      [
        metal({ hosts: [host(1), host(2)] }),
        'not enough hosts found (2) to support all the configured ControlPlane replicas (3)',
      ],
      [metal({ hosts: null }), 'bare metal hosts are missing'],
      [metal({ hosts: [...HOSTS, host(1)] }), 'hosts[3].bmc.address: Duplicate value'],
      [metal({ hosts: [{}, ...HOSTS] }), 'hosts[0].bootMACAddress: Required value: missing BootMACAddress'],
      [
        metal({ hosts: [host(4, { bootMode: 'bios' }), ...HOSTS] }),
        'supported values: "UEFI", "UEFISecureBoot", "legacy"',
      ],
      [
        metal({ hosts: [host(4, { bootMode: 'UEFISecureBoot', bmc: { address: 'ipmi://a' } })] }),
        'driver ipmi does not support UEFI secure boot',
      ],
      [
        metal({ hosts: [host(4, { rootDeviceHints: { deviceName: '/dev/a/b' } })] }),
        '/dev/ or /dev/disk/by-path/',
      ],
      [metal({ hosts: [host(4, { name: 'H' })] }), 'a lowercase RFC 1123 subdomain'],
    ],
  },
  'host-networks': {
    accepts: networked({ interfaces: [{ name: 'bond0', type: 'bond' }], 'route-rules': {} }),
    boundary: networked({ interfaces: [{ name: 'e', ipv4: { enabled: true, address: [ADDRESS] } }] }),
    refuses: [
      [
        networked({ interface: [] }),
        'hosts[0].networkConfig.interface: unknown field, did you mean "interfaces"?',
      ],
      [networked({ interfaces: [{ type: 'ethernet' }] }), 'interfaces[0].name: must be the name'],
      [
        networked({ interfaces: [{ name: 'e', ipv4: { enabled: true, address: [{ ip: '192.0.2.5' }] } }] }),
        'interfaces[0].ipv4.address[0]: needs ip and prefix-length',
      ],
      [
        networked({ routes: { config: [{ destination: '0.0.0.0/0' }] } }),
        'routes.config[0]: needs destination and next-hop-interface',
      ],
    ],
  },
  'load-balancer': {
    accepts: metal({}),
    boundary: metal({ loadBalancer: { type: 'OpenShiftManagedDefault' } }),
    refuses: [[metal({ loadBalancer: { type: 'Other' } }), 'invalid load balancer type']],
  },
  'control-plane': {
    accepts: {},
    boundary: { controlPlane: { replicas: 1 } },
    refuses: [
      [{ controlPlane: { replicas: 0 } }, 'must be positive'],
      [{ controlPlane: { replicas: -1 } }, 'must not be negative'],
      [
        { controlPlane: { platform: { aws: {} } } },
        'cannot specify "aws" for machine pool when cluster is using "none"',
      ],
    ],
  },
  fencing: {
    accepts: {},
    boundary: fenced(2, 2),
    refuses: [
      [fenced(2, 1), 'exactly two fencing credentials'],
      [fenced(2, 3), 'instead 3 credentials'],
      [fenced(3, 2), 'should not be any fencing credentials'],
      [{ ...fenced(2, 2), platform: { aws: {} } }, 'instead aws platform was found'],
      [
        { controlPlane: { replicas: 2, fencing: { credentials: [credential(1), credential(1)] } } },
        'Duplicate value: "h1"',
      ],
      [
        { controlPlane: { fencing: { credentials: [{ certificateVerification: 'x' }] } } },
        'missing HostName',
      ],
      [
        { controlPlane: { fencing: { credentials: [{ certificateVerification: 'x' }] } } },
        "one of the following: ['Enabled'",
      ],
    ],
  },
  arbiter: {
    accepts: {},
    boundary: arbiter(1, 2),
    refuses: [
      [arbiter(0, 2), 'number of arbiter replicas must be positive'],
      [arbiter(1, 1), 'must be at least 2 for arbiter deployments'],
      [{ arbiter: { replicas: 1 } }, 'arbiter: Forbidden: HighlyAvailableArbiter feature must be enabled'],
      [{ ...arbiter(1, 2), platform: { none: {} } }, 'arbiter.platform: Unsupported value: "none"'],
    ],
  },
  compute: {
    accepts: {},
    boundary: { compute: [{ name: 'worker', replicas: 0 }] },
    refuses: [
      [{ compute: [{ name: 'edge' }] }, 'supported values: "worker"'],
      [{ compute: [{ name: 'worker', fencing: {} }] }, 'fencing is only valid for control plane'],
      [{ compute: [{ name: 'worker', architecture: 'arm64' }] }, 'architecture must match control plane'],
    ],
  },
  'release-architecture': {
    accepts: {},
    boundary: { controlPlane: { architecture: 'amd64' } },
    refuses: [
      [
        { controlPlane: { architecture: 'arm64' } },
        'cannot create arm64 controlPlane node from a single architecture amd64 release payload',
      ],
      [
        { compute: [{ name: 'worker', architecture: 's390x' }] },
        'compute[0].architecture: Invalid value: "s390x": cannot create s390x compute node',
      ],
    ],
  },
  'pull-secret': {
    accepts: {},
    boundary: { pullSecret: '{"auths":{"r.test":{"credsStore":"s"}}}' },
    refuses: [[{ pullSecret: '{"auths":{"r.test":{}}}' }, '"r.test" requires either auth or credsStore']],
  },
  proxy: {
    accepts: {},
    boundary: { proxy: { httpsProxy: 'http://p.test', noProxy: '*' } },
    refuses: [[{ proxy: { noProxy: 'a' } }, 'must include httpProxy or httpsProxy']],
  },
  'image-content-sources': {
    accepts: {},
    boundary: { imageContentSources: [{ source: 'r.test:5000' }] },
    refuses: [
      [{ imageContentSources: [{ source: 'r.test/a:b' }] }, 'imageContentSources[0].source: Invalid value'],
    ],
  },
  publish: {
    accepts: {},
    boundary: { publish: 'Mixed' },
    refuses: [[{ publish: 'external' }, 'Unsupported value: "external"']],
  },
  'image-digest-sources': {
    accepts: {},
    boundary: { imageDigestSources: [{ source: 'localhost/a' }] },
    refuses: [
      [
        { imageDigestSources: [{ source: 'r.test/a', mirrors: ['r.test/a@sha256:00'] }] },
        'must be repository--not reference',
      ],
      [{ imageDigestSources: [{ source: 'a' }], imageContentSources: [{ source: 'a' }] }, 'at the same time'],
    ],
  },
  'credentials-mode': {
    accepts: {},
    boundary: { credentialsMode: 'Mint', platform: { aws: {} } },
    refuses: [[{ credentialsMode: 'Mint' }, 'cannot be set when using the "none" platform']],
  },
  'capability-names': {
    accepts: capable('vCurrent'),
    boundary: capable('None', 'Ingress'),
    refuses: [
      [
        { capabilities: {} },
        'baselineCapabilitySet: Unsupported value: "": supported values: "None", "v4.11"',
      ],
      [capable('None', 'x'), 'additionalEnabledCapabilities[0]: Unsupported value: "x"'],
    ],
  },
  'publish-platform': {
    accepts: {},
    boundary: { publish: 'Internal', platform: { aws: {} } },
    refuses: [
      [{ publish: 'Internal', platform: { external: {} } }, 'not supported on "external" platform'],
      [{ publish: 'Mixed', platform: { gcp: {} } }, 'please specify the operator publishing strategy'],
    ],
  },
  'operator-publishing': {
    accepts: {},
    boundary: { publish: 'Mixed', operatorPublishingStrategy: { apiserver: 'Internal' } },
    refuses: [
      [{ operatorPublishingStrategy: {} }, 'only allowed with mixed'],
      [{ operatorPublishingStrategy: { apiserver: 'x' } }, 'apiserver: Unsupported value: "x"'],
    ],
  },
  'capability-dependencies': {
    accepts: capable('v4.16'),
    boundary: capable('None', 'Ingress'),
    refuses: [
      [capable('v4.15'), 'the Ingress capability is required'],
      [capable('v4.14', 'Ingress'), 'the marketplace capability requires'],
      [metal({}, capable('None', 'Ingress')), 'platform baremetal requires the baremetal capability'],
      [{ ...capable('None', 'Ingress'), platform: { external: {} } }, 'disabling CloudCredential'],
      [{ ...capable('None', 'Ingress'), platform: { aws: {} } }, 'Baremetal, None, or External platform'],
      [
        { ...capable('v4.15', 'Ingress'), platform: { external: { cloudControllerManager: 'External' } } },
        'on External platform supported only',
      ],
    ],
  },
  'feature-set': {
    accepts: {},
    boundary: { featureSet: 'DevPreviewNoUpgrade' },
    refuses: [[{ featureSet: 'x' }, 'featureSet: Unsupported value: "x"']],
  },
  'feature-gates': {
    accepts: {},
    boundary: { featureSet: 'CustomNoUpgrade', featureGates: ['A=T', 'B=0'] },
    refuses: [
      [{ featureGates: ['A=true'] }, 'featureGates: Forbidden: '],
      [{ featureSet: 'CustomNoUpgrade', featureGates: ['A'] }, 'must match the format <feature-name>=<bool>'],
      [{ featureSet: 'CustomNoUpgrade', featureGates: ['A=yes'] }, 'could not parse boolean value'],
    ],
  },
  'fencing-gate': {
    accepts: {},
    boundary: { ...fenced(2, 2), featureSet: 'CustomNoUpgrade', featureGates: ['DualReplica=true'] },
    refuses: [[{ ...fenced(2, 2), featureSet: '' }, 'protected by the DualReplica feature gate']],
  },
  'bootstrap-in-place': {
    accepts: { controlPlane: { replicas: 1 }, bootstrapInPlace: { installationDisk: '/dev/d' } },
    boundary: { controlPlane: { replicas: 1 }, bootstrapInPlace: { installationDisk: 'd' } },
    refuses: [
      [{ bootstrapInPlace: { installationDisk: 'd' } }, 'requires a single ControlPlane replica'],
      [{ controlPlane: { replicas: 1 } }, 'bootstrapInPlace: Required value'],
      [
        { controlPlane: { replicas: 1 }, bootstrapInPlace: {} },
        'bootstrapInPlace.installationDisk: Required value',
      ],
    ],
  },
  provisioning: {
    accepts: metal({
      bootstrapOSImage: `https://u:p@images.test/b.qcow2.gz?sha256=${'a'.repeat(64)}`,
      additionalNTPServers: ['192.0.2.1', 'fd00::1', 'time.test'],
      bootstrapExternalStaticIP: '10.0.0.9',
      bootstrapExternalStaticGateway: '10.0.0.1',
      bootstrapExternalStaticDNS: '10.0.0.1',
    }),
    boundary: metal({
      provisioningNetworkCIDR: 'fd00:1::/64',
      bootstrapProvisioningIP: 'fd00:1::9',
      clusterProvisioningIP: 'fd00:1::15',
      provisioningDHCPRange: 'fd00:1::a,fd00:1::14',
      externalMACAddress: '52:54:00:00:00:01',
      provisioningMACAddress: '52:54:00:00:00:02',
    }),
    refuses: [
      ...PROVISIONING_REFUSALS,
      [
        metal({
          provisioningNetwork: 'Disabled',
          hosts: mediaHosts(),
          bootstrapProvisioningIP: '172.22.0.2',
        }),
        'platform.baremetal.bootstrapProvisioningIP: Invalid value: "172.22.0.2": provisioning network is disabled, IP expected to be in one of the machine networks: 10.0.0.0/16',
      ],
      [
        metal({ provisioningNetwork: 'Disabled' }),
        'hosts[2].bmc: Invalid value: "redfish://bmc3.test": driver redfish requires provisioning network',
      ],
      [
        metal({ provisioningNetwork: 'Unmanaged', provisioningNetworkCIDR: '10.0.1.0/24' }),
        'cannot overlap with machine network: 10.0.0.0/16',
      ],
    ],
  },
};

/** What one rule says of the smallest cluster with changes. */
function find(name: string, changes: object): readonly Problem[] {
  const rule = INSTALL_CONFIG_RULES.find((candidate) => candidate.name === name)!;
  const read = parseInstallConfig(JSON.stringify({ ...CLUSTER, ...changes }), { unknownKeys: 'error' });
  if (!read.ok) throw new Error(JSON.stringify(read.report));
  const config =
    rule.target === 'conversion' ? read.value : applyDefaults(upconvertInstallConfig(read.value));
  return rule.find(config, { isAgent: false, releaseArchitecture: 'amd64' });
}

describe('the table of rules', () => {
  it('has a case for every rule, and a row for every reference', () => {
    expect(Object.keys(CASES)).toEqual(INSTALL_CONFIG_RULES.map(({ name }) => name));
    const rows = RULE_ROWS.map(({ id }) => id);
    expect(INSTALL_CONFIG_RULES.flatMap((rule) => rule.rows).filter((id) => !rows.includes(id))).toEqual([]);
  });

  it.each(Object.entries(CASES))(
    '%s accepts what is right, up to the boundary',
    (name, { accepts, boundary }) => {
      expect(find(name, accepts)).toEqual([]);
      expect(find(name, boundary)).toEqual([]);
    },
  );

  it.each(
    Object.entries(CASES).flatMap(([name, { refuses }]) =>
      refuses.map((refusal) => [name, ...refusal] as const),
    ),
  )('%s refuses %j', (name, changes, says) => {
    expect(find(name, changes).map(renderProblem).join('\n')).toContain(says);
  });
});

describe('bare-metal defaults', () => {
  it('keep the order of the hosts, and MAC addresses in their range', () => {
    const hosts = [host(1, { role: '' }), host(2, { role: 'worker' }), host(3)];
    const read = parseInstallConfig(JSON.stringify({ ...CLUSTER, ...metal({ hosts }) }), {
      unknownKeys: 'error',
    });
    if (!read.ok) throw new Error(JSON.stringify(read.report));
    const { baremetal } = applyDefaults(upconvertInstallConfig(read.value), (octets) =>
      Buffer.alloc(octets, 0xff),
    ).platform;
    expect(baremetal!.hosts!.map(({ name }) => name)).toEqual(['h1', 'h2', 'h3']);
    expect(baremetal!.externalMACAddress).toBe('52:54:00:ee:ff:ff');
  });
});

/** A key blob with nothing in it but its type. */
function blob(type: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.alloc(4)]).toString('base64');
}
