import { describe, expect, it } from 'vitest';
import { renderInstallConfig } from '#api/installConfigText.ts';
import { errorsOf } from '#base/report.ts';
import { readInstallConfig } from './readInstallConfig.ts';

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
  pullSecret: '{"auths":{"r.test":{"auth":"eA=="}}}',
});

const CLUSTERS: readonly object[] = [
  cluster({ none: {} }),
  cluster({ external: { platformName: 'x', cloudControllerManager: 'External' } }),
  cluster({
    baremetal: { apiVIPs: ['10.0.0.5'], ingressVIPs: ['10.0.0.6'], hosts: [1, 2, 3].map(host) },
  }),
];

const STRICT = { unknownKeys: 'error', isAgent: false } as const;

describe('readInstallConfig', () => {
  it.each(CLUSTERS)('writes back what it reads again: cluster %#', (document) => {
    const read = readInstallConfig(JSON.stringify(document), STRICT);
    expect(read.report).toEqual([]);
    if (!read.ok) return;
    const written = renderInstallConfig(read.value);
    const again = readInstallConfig(written, STRICT);
    expect(again.report).toEqual([]);
    if (again.ok) expect(renderInstallConfig(again.value)).toBe(written);
  });

  it('tells all problems at once, each with its place', () => {
    const text = 'apiVersion: v1\nbaseDomain: Upper.test\nmetadata:\n  name: c\nplatform: {}\npublish: x\n';
    const places = errorsOf(readInstallConfig(text, STRICT).report).map(({ path, position }) => [
      path,
      position,
    ]);
    expect(places).toEqual([
      ['baseDomain', { line: 2, column: 1 }],
      ['platform', { line: 5, column: 1 }],
      ['pullSecret', { line: 1, column: 1 }],
      ['publish', { line: 6, column: 1 }],
    ]);
  });
});
