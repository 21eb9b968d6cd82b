import { describe, expect, it } from 'vitest';
import { bareMetalText, hostOf } from '../machines/testing.ts';
import { networkingOf } from '../testing.ts';
import { dnsManifest } from './dnsManifest.ts';
import { featureGateManifest } from './featureGateManifest.ts';
import { infrastructureManifest } from './infrastructureManifest.ts';
import { ingressManifest } from './ingressManifest.ts';
import { networkingManifest } from './networkingManifest.ts';
import { schedulerManifest } from './schedulerManifest.ts';
import { makeManifests } from './testing.ts';

const pools = (masters: number, workers: number) => ({
  controlPlane: { name: 'master', replicas: masters },
  compute: [{ name: 'worker', replicas: workers }],
});
const fencing = {
  credentials: ['a', 'b'].map((hostName) => ({
    hostName,
    username: 'u',
    password: 'p',
    address: `redfish://${hostName}.test`,
  })),
};
const HOSTS = ['m0', 'm1', 'm2'].map((name) => hostOf(name));
const withArbiter = (masters: number): string =>
  bareMetalText([...HOSTS.slice(0, masters), hostOf('a0', { role: 'arbiter' })], {
    config: {
      ...pools(masters, 0),
      arbiter: { name: 'arbiter', replicas: 1 },
      featureSet: 'TechPreviewNoUpgrade',
    },
  });

async function infrastructure(changes: object | string) {
  const { objects } = await makeManifests(infrastructureManifest, changes as Record<string, unknown>);
  return objects['cluster-infrastructure-02-config.yml'] as {
    spec: { platformSpec: object };
    status: Record<string, unknown>;
  };
}

describe('the topologies of a cluster', () => {
  it.each([
    [1, 0, 'SingleReplica', 'SingleReplica'],
    [1, 1, 'SingleReplica', 'SingleReplica'],
    [1, 2, 'SingleReplica', 'HighlyAvailable'],
    [3, 0, 'HighlyAvailable', 'HighlyAvailable'],
    [3, 1, 'HighlyAvailable', 'SingleReplica'],
    [5, 2, 'HighlyAvailable', 'HighlyAvailable'],
  ])('%i masters and %i workers: %s, %s', async (masters, workers, controlPlane, infra) => {
    const { status } = await infrastructure(pools(masters, workers));
    expect(status).toMatchObject({ controlPlaneTopology: controlPlane, infrastructureTopology: infra });
  });

  it('two masters that can switch each other off run two replicas of workloads', async () => {
    const { status } = await infrastructure({
      controlPlane: { name: 'master', replicas: 2, fencing },
      compute: [{ name: 'worker', replicas: 0 }],
      featureSet: 'DevPreviewNoUpgrade',
    });
    expect(status).toMatchObject({
      controlPlaneTopology: 'DualReplica',
      infrastructureTopology: 'HighlyAvailable',
    });
  });

  it('an arbiter counts beside two masters only', async () => {
    expect((await infrastructure(withArbiter(2))).status).toMatchObject({
      controlPlaneTopology: 'HighlyAvailableArbiter',
      infrastructureTopology: 'HighlyAvailable',
    });
    expect((await infrastructure(withArbiter(3))).status['controlPlaneTopology']).toBe('HighlyAvailable');
  });
});

describe('Infrastructure', () => {
  it('names the cluster and its addresses', async () => {
    const { status } = await infrastructure({});
    expect(status).toMatchObject({
      apiServerInternalURI: 'https://api-int.lab.example.com:6443',
      apiServerURL: 'https://api.lab.example.com:6443',
      cpuPartitioning: 'None',
      etcdDiscoveryDomain: '',
      infrastructureName: expect.stringMatching(/^lab-[a-z0-9]{5}$/),
      platformStatus: { type: 'None' },
    });
  });

  it.each([
    ['AllNodes', 'AllNodes'],
    ['None', 'None'],
    ['', 'None'],
  ])('partitions CPUs by "%s": %s', async (cpuPartitioningMode, expected) => {
    expect((await infrastructure({ cpuPartitioningMode })).status['cpuPartitioning']).toBe(expected);
  });

  it.each([
    ['External', 'External'],
    ['', 'None'],
  ])('says whether platform external has a cloud controller manager: "%s"', async (given, state) => {
    const { spec, status } = await infrastructure({
      platform: { external: { platformName: 'oci', cloudControllerManager: given } },
    });
    expect(spec.platformSpec).toEqual({ external: { platformName: 'oci' }, type: 'External' });
    expect(status['platformStatus']).toEqual({
      external: { cloudControllerManager: { state } },
      type: 'External',
    });
  });

  it('has the addresses of both families on bare metal, and the first of each alone', async () => {
    const config = bareMetalText(HOSTS, {
      platform: {
        apiVIPs: ['192.0.2.5', '2001:db8::5'],
        ingressVIPs: ['192.0.2.6', '2001:db8::6'],
        loadBalancer: { type: 'UserManaged' },
      },
      config: { networking: DUAL_STACK },
    });
    const addresses = {
      apiServerInternalIPs: ['192.0.2.5', '2001:db8::5'],
      ingressIPs: ['192.0.2.6', '2001:db8::6'],
      machineNetworks: ['192.0.2.0/24', '2001:db8::/64'],
    };
    const { spec, status } = await infrastructure(config);
    expect(spec.platformSpec).toEqual({ baremetal: addresses, type: 'BareMetal' });
    expect(status['platformStatus']).toEqual({
      baremetal: {
        ...addresses,
        apiServerInternalIP: '192.0.2.5',
        ingressIP: '192.0.2.6',
        loadBalancer: { type: 'UserManaged' },
      },
      type: 'BareMetal',
    });
  });
});

const DUAL_STACK = networkingOf({
  clusterNetwork: [
    { cidr: '10.128.0.0/14', hostPrefix: 23 },
    { cidr: 'fd01::/48', hostPrefix: 64 },
  ],
  machineNetwork: [{ cidr: '192.0.2.0/24' }, { cidr: '2001:db8::/64' }],
  serviceNetwork: ['172.30.0.0/16', 'fd02::/112'],
});

describe('Network', () => {
  it('has the networks of both families, and no settings of the operator without a reason', async () => {
    const { objects } = await makeManifests(networkingManifest, { networking: DUAL_STACK });
    expect(Object.keys(objects)).toEqual(['cluster-network-02-config.yml']);
    expect(objects['cluster-network-02-config.yml']).toMatchObject({
      spec: {
        clusterNetwork: [
          { cidr: '10.128.0.0/14', hostPrefix: 23 },
          { cidr: 'fd01::/48', hostPrefix: 64 },
        ],
        networkType: 'OVNKubernetes',
        serviceNetwork: ['172.30.0.0/16', 'fd02::/112'],
      },
    });
  });

  it("tells the operator the subnet that joins OVN's routers", async () => {
    const networking = networkingOf({
      ovnKubernetesConfig: { ipv4: { internalJoinSubnet: '100.65.0.0/16' } },
    });
    const { objects } = await makeManifests(networkingManifest, { networking });
    expect(objects['cluster-network-03-config.yml']).toMatchObject({
      apiVersion: 'operator.openshift.io/v1',
      metadata: { creationTimestamp: null, name: 'cluster' },
      spec: {
        clusterNetwork: [{ cidr: '10.128.0.0/14', hostPrefix: 23 }],
        defaultNetwork: {
          ovnKubernetesConfig: { ipv4: { internalJoinSubnet: '100.65.0.0/16' } },
          type: 'OVNKubernetes',
        },
        managementState: 'Managed',
        serviceNetwork: ['172.30.0.0/16'],
      },
    });
  });
});

describe('Ingress', () => {
  it.each([
    ['none', { none: {} }, 1, 'ControlPlane'],
    ['none', { none: {} }, 3, 'Workers'],
    ['external', { external: { platformName: 'x' } }, 1, 'Workers'],
  ])('on platform %s with %j and %i masters the routers run on %s', async (_, platform, masters, place) => {
    const { objects } = await makeManifests(ingressManifest, { platform, ...pools(masters, 0) });
    expect(objects['cluster-ingress-02-config.yml']).toMatchObject({
      spec: { domain: 'apps.lab.example.com' },
      status: { defaultPlacement: place },
    });
  });
});

describe('Scheduler', () => {
  const WARNING =
    'Making control-plane schedulable by setting MastersSchedulable to true for Scheduler cluster settings';

  it.each([
    [0, true, [WARNING]],
    [1, false, []],
  ])('with %i workers the masters take workloads: %s', async (workers, mastersSchedulable, warnings) => {
    const made = await makeManifests(schedulerManifest, pools(3, workers));
    expect(made.objects['cluster-scheduler-02-config.yml']).toMatchObject({ spec: { mastersSchedulable } });
    expect(made.warnings).toEqual(warnings);
  });
});

describe('FeatureGate', () => {
  it.each([
    [{}, {}],
    [{ featureSet: 'TechPreviewNoUpgrade' }, { featureSet: 'TechPreviewNoUpgrade' }],
    [
      { featureSet: 'CustomNoUpgrade', featureGates: ['A=true', 'B=false', 'C=T'] },
      { customNoUpgrade: { disabled: ['B'], enabled: ['A', 'C'] }, featureSet: 'CustomNoUpgrade' },
    ],
  ])('of %j is %j', async (changes, spec) => {
    const { objects } = await makeManifests(featureGateManifest, changes);
    expect(objects['99_feature-gate.yaml']).toMatchObject({ spec, status: { featureGates: null } });
    expect((objects['99_feature-gate.yaml'] as { spec: object }).spec).toEqual(spec);
  });
});

describe('names that are no plain text in YAML', () => {
  // Go reads YAML 1.1: unquoted, these would be a truth value and an octal number.
  it.each(['yes', '0123', '1e3'])('a cluster named %s is still named so', async (name) => {
    const { objects } = await makeManifests(dnsManifest, { metadata: { name }, baseDomain: 'no' });
    expect(objects['cluster-dns-02-config.yml']).toMatchObject({
      metadata: { creationTimestamp: null },
      spec: { baseDomain: `${name}.no` },
    });
    const infra = await makeManifests(infrastructureManifest, {
      platform: { external: { platformName: name } },
    });
    expect(infra.objects['cluster-infrastructure-02-config.yml']).toMatchObject({
      spec: { platformSpec: { external: { platformName: name } } },
    });
  });
});
