/** A pull secret for one registry. */
export const PULL_SECRET = '{"auths":{"r.test":{"auth":"eA=="}}}';
const host = (n: number): object => ({
  name: `h${n}`,
  role: 'master',
  bootMACAddress: `02:00:00:00:00:0${n}`,
  bmc: { address: `redfish://bmc${n}.test`, username: 'u', password: 'p' },
  rootDeviceHints: { deviceName: '/dev/sda' },
});

const cluster = (platform: object): object => ({
  apiVersion: 'v1',
  baseDomain: 'site.test',
  metadata: { name: 'c' },
  networking: {
    networkType: 'OVNKubernetes',
    machineNetwork: [{ cidr: '10.0.0.0/16' }],
    clusterNetwork: [{ cidr: '10.128.0.0/14', hostPrefix: 23 }],
    serviceNetwork: ['172.30.0.0/16'],
    ovnKubernetesConfig: { ipv4: { internalJoinSubnet: '100.80.0.0/16' } },
  },
  controlPlane: { replicas: 3, platform: {} },
  compute: [{ name: 'worker', replicas: 0 }],
  proxy: { httpProxy: 'http://p.test', noProxy: 'a.test' },
  imageDigestSources: [{ source: 'r.test/a', mirrors: ['m.test/a'] }],
  capabilities: { baselineCapabilitySet: 'vCurrent', additionalEnabledCapabilities: ['Ingress'] },
  featureSet: 'CustomNoUpgrade',
  featureGates: ['A=true'],
  platform,
  pullSecret: PULL_SECRET,
});

/** Valid install-configs with most of the fields, by platform. */
export const CLUSTERS = {
  none: cluster({ none: {} }),
  external: cluster({ external: { platformName: 'x', cloudControllerManager: 'External' } }),
  baremetal: cluster({
    baremetal: { apiVIPs: ['10.0.0.5'], ingressVIPs: ['10.0.0.6'], hosts: [1, 2, 3].map(host) },
  }),
};
