import { expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { gatherClusterInfo } from './clusterInfo.ts';
import type { SeedContext } from './context.ts';
import { fakeCluster, object, seedContext } from './testing.ts';

const CONFIG = 'config.openshift.io/v1';
const UNIT = '/usr/lib/systemd/system/var-lib-containers.mount';

const installConfig = `
baseDomain: example.test
metadata: {name: seed}
networking:
  machineNetwork: [{cidr: 192.0.2.0/24}]
  clusterNetwork: [{cidr: 10.128.0.0/14, hostPrefix: 23}]
  serviceNetwork: [172.30.0.0/16]
`;

const objects = () => [
  object(CONFIG, 'ClusterVersion', 'version', {
    status: { desired: { version: '4.19.1', image: 'r.test:5000/ocp@sha256:1' } },
  }),
  object('v1', 'ConfigMap', 'cluster-config-v1', {
    namespace: 'kube-system',
    data: { 'install-config': installConfig },
  }),
  object('v1', 'Node', 'n1', {
    status: {
      addresses: [
        { type: 'InternalIP', address: '192.0.2.10' },
        { type: 'Hostname', address: 'n1' },
        { type: 'InternalIP', address: '2001:db8::10' },
      ],
    },
  }),
];

function context(): SeedContext {
  const host = new MemoryHost(
    { [UNIT]: '[Mount]\nWhat=/dev/disk/by-partlabel/vlc\nWhere=/var/lib/containers\n' },
    (argv) => (argv.includes('--property=FragmentPath') ? { stdout: `${UNIT}\n` } : {}),
  );
  return seedContext(host);
}

test('a plain cluster is described, networks included', async () => {
  expect(await gatherClusterInfo(context(), fakeCluster(objects()))).toMatchObject({
    seed_cluster_ocp_version: '4.19.1',
    base_domain: 'example.test',
    cluster_name: 'seed',
    node_ips: ['192.0.2.10', '2001:db8::10'],
    sno_hostname: 'n1',
    release_registry: 'r.test:5000',
    mirror_registry_configured: false,
    has_proxy: false,
    has_fips: false,
    machine_networks: ['192.0.2.0/24'],
    cluster_network_cidr: ['10.128.0.0/14'],
    service_network_cidr: ['172.30.0.0/16'],
    additionalTrustBundle: null,
    container_storage_mountpoint_target: '/dev/disk/by-partlabel/vlc',
    recert_image_pull_spec: 'quay.io/edge-infrastructure/recert:v0',
  });
});

test('mirrors, proxy and trust bundles are noticed', async () => {
  const more = [
    object(CONFIG, 'ImageDigestMirrorSet', 'm', { spec: { imageDigestMirrors: [{ source: 'a.test/x' }] } }),
    object(CONFIG, 'Proxy', 'cluster', { spec: { noProxy: '.test', trustedCA: { name: 'corp' } } }),
    object('v1', 'ConfigMap', 'corp', { namespace: 'openshift-config', data: { 'ca-bundle.crt': 'PEM' } }),
    object('apps/v1', 'Deployment', 'cluster-version-operator', {
      namespace: 'openshift-cluster-version',
      spec: { template: { spec: { containers: [{ image: 'mirror.test/release:1' }] } } },
    }),
  ];
  expect(await gatherClusterInfo(context(), fakeCluster([...objects(), ...more]))).toMatchObject({
    mirror_registry_configured: true,
    has_proxy: true,
    release_registry: 'mirror.test',
    additionalTrustBundle: { hasUserCaBundle: false, proxyConfigmapName: 'corp' },
  });
});

test("a proxy that names an empty bundle can't be cloned", async () => {
  const proxy = object(CONFIG, 'Proxy', 'cluster', { spec: { trustedCA: { name: 'corp' } } });
  const gathering = gatherClusterInfo(context(), fakeCluster([...objects(), proxy]));
  await expect(gathering).rejects.toThrow('"corp" is empty');
});

test.each([0, 1, 2])('what a clone needs must be there (%i left out)', async (index) => {
  const cluster = fakeCluster(objects().toSpliced(index, 1), ['Node']);
  const gathering = gatherClusterInfo(context(), cluster);
  await expect(gathering).rejects.toMatchObject({ code: 'seed/cluster-info-incomplete' });
});
