import { describe, expect, it } from 'vitest';
import { parseInstallConfig } from '#api/installConfig.ts';
import { errorsOf, renderProblem } from '#base/report.ts';
import { validateForConfigImage } from './configImageRules.ts';
import { applyDefaults } from './defaults.ts';
import { validateInstallConfig } from './installConfigRules.ts';
import { upconvertInstallConfig } from './upconvert.ts';

const CLUSTER = {
  apiVersion: 'v1',
  baseDomain: 'site.test',
  metadata: { name: 'clone' },
  platform: { none: {} },
};
const PULL_SECRET = '{"auths":{"registry.test":{"auth":"eA=="}}}';
const SINGLE_NODE = { controlPlane: { replicas: 1 }, compute: [{ name: 'worker', replicas: 0 }] };

const parseWith = (changes: object, rules: typeof validateInstallConfig) =>
  parseInstallConfig(JSON.stringify({ ...CLUSTER, pullSecret: PULL_SECRET, ...changes }), {
    unknownKeys: 'error',
    rules,
  });

/** Errors of the general rules. */
const errors = (changes: object): string[] => {
  const general = (config: Parameters<typeof validateInstallConfig>[0]) =>
    validateInstallConfig(applyDefaults(upconvertInstallConfig(config)));
  return errorsOf(parseWith(changes, general).report).map(renderProblem);
};

/** Everything that is said for a config image. */
const report = (changes: object): string[] =>
  parseWith({ ...SINGLE_NODE, ...networking({}), ...changes }, validateForConfigImage).report.map(
    renderProblem,
  );

const networking = (changes: object): object => ({
  networking: { networkType: 'OVNKubernetes', ...changes },
});
const machines = (...cidrs: string[]): object => ({ machineNetwork: cidrs.map((cidr) => ({ cidr })) });

describe('install-config rules', () => {
  it.each([
    ['nothing but what is needed', {}],
    ['a name with dots', { metadata: { name: 'a.b' } }],
    ['a name of 54 letters', { metadata: { name: 'a'.repeat(54) } }],
    ['a base domain with a dot at the end', { baseDomain: 'site.test.' }],
    ['another network type', networking({ networkType: 'Calico' })],
    ['any case of the type', networking({ networkType: 'ovnkubernetes' })],
    [
      'IPv6',
      networking({
        ...machines('fd00:1::/64'),
        serviceNetwork: ['fd02::/112'],
        clusterNetwork: [{ cidr: 'fd03::/48', hostPrefix: 64 }],
      }),
    ],
    [
      'IPv6 written in another way',
      networking({
        ...machines('FD00:1:0::/64'),
        serviceNetwork: ['fd02::/112'],
        clusterNetwork: [{ cidr: 'fd03::/48', hostPrefix: 64 }],
      }),
    ],
    [
      'deprecated networks',
      {
        networking: {
          type: 'OVNKubernetes',
          machineCIDR: '192.0.2.0/24',
          serviceCIDR: '172.31.0.0/16',
          clusterNetworks: [{ cidr: '10.0.0.0/14', hostSubnetLength: 9 }],
        },
      },
    ],
    [
      'a proxy',
      { proxy: { httpProxy: 'http://u:p@proxy.test:3128', noProxy: '.corp.test,192.0.2.0/24,192.0.2.1' } },
    ],
    ['noProxy for all', { proxy: { httpsProxy: 'https://proxy.test', noProxy: '*' } }],
    [
      'mirrors',
      { imageDigestSources: [{ source: 'registry.test:5000', mirrors: ['mirror.test/a/b', 'localhost/a'] }] },
    ],
    [
      'a large join subnet',
      networking({ ovnKubernetesConfig: { ipv4: { internalJoinSubnet: '100.80.0.0/16' } } }),
    ],
  ])('accept %s', (_, changes) => {
    expect(errors(changes)).toEqual([]);
  });

  it.each([
    [{ metadata: { name: 'a'.repeat(55) } }, 'metadata.name: Invalid value: "aaaa'],
    [
      { metadata: { name: 'Upper' } },
      'metadata.name: Invalid value: "Upper": a lowercase RFC 1123 subdomain',
    ],
    [
      { baseDomain: `${'a'.repeat(60)}.`.repeat(4).slice(0, 243), metadata: { name: 'n'.repeat(20) } },
      'must be no more than 253 characters',
    ],
    [{ sshKey: 'no key' }, 'sshKey: Invalid value: "no key": ssh: no key found'],
    [{ additionalTrustBundle: 'x' }, 'additionalTrustBundle: Invalid value: "<redacted>": invalid block'],
    [
      { additionalTrustBundlePolicy: 'Never' },
      'additionalTrustBundlePolicy: Invalid value: "Never": supported values "Proxyonly", "Always"',
    ],
    [{ platform: {} }, 'platform: Invalid value: "": must specify one of the platforms (aws,'],
    [{ platform: { none: {}, external: {} } }, 'cannot use both "external" and "none"'],
    [{ pullSecret: '' }, 'pullSecret: Invalid value: "": unexpected end of JSON input'],
    [{ pullSecret: '{"auths":{"r.test":{}}}' }, '"r.test" requires either auth or credsStore'],
    [
      { publish: 'Nowhere' },
      'publish: Unsupported value: "Nowhere": supported values: "External", "Internal", "Mixed"',
    ],
    [{ publish: 'Internal' }, 'Internal publish strategy is not supported on "none" platform'],
    [
      { credentialsMode: 'Manual' },
      'credentialsMode: Invalid value: "Manual": cannot be set when using the "none" platform',
    ],
    [
      { featureSet: 'Some' },
      'featureSet: Unsupported value: "Some": supported values: "", "CustomNoUpgrade"',
    ],
    [{ fips: true }, 'fips: Forbidden: target cluster is in FIPS mode'],
    [
      networking({ networkType: 'OpenShiftSDN' }),
      'networkType OpenShiftSDN is not supported, please use OVNKubernetes',
    ],
    [networking({ networkType: 'Kuryr' }), 'networkType Kuryr is not supported'],
    [
      networking(machines('192.0.2.1/24')),
      'networking.machineNetwork[0]: Invalid value: "192.0.2.1/24": invalid network address. got 192.0.2.1/24, expecting 192.0.2.0/24',
    ],
    [
      networking(machines('192.0.2.0')),
      'networking.machineNetwork[0]: Invalid value: "192.0.2.0": invalid CIDR address: 192.0.2.0',
    ],
    [
      networking(machines('0.0.0.0/0')),
      'networking.machineNetwork[0]: Invalid value: "0.0.0.0/0": address must be specified',
    ],
    [
      networking(machines('192.0.2.0/24', '192.0.2.128/25')),
      'machine network must not overlap with machine network 0',
    ],
    [
      networking(machines('100.64.8.0/24')),
      'must not overlap with OVNKubernetes default internal subnet 100.64.0.0/16',
    ],
    [networking(machines('169.254.0.0/20')), 'default masquerade subnet 169.254.0.0/17'],
    [
      networking({ serviceNetwork: ['172.0.0.0/11'] }),
      'subnet size for IPv4 service network must be /12 or greater',
    ],
    [networking({ serviceNetwork: ['fd02::/107'] }), 'subnet size for IPv6 service network should be /112'],
    [
      networking({ serviceNetwork: ['10.0.0.0/16'] }),
      'service network must not overlap with any of the machine networks',
    ],
    [
      networking({ serviceNetwork: ['172.30.0.0/16', '172.31.0.0/16'] }),
      'only one service network can be specified',
    ],
    [
      networking({ serviceNetwork: ['fd02::/112', '172.30.0.0/16'] }),
      'IPv4 addresses must be listed before IPv6 addresses',
    ],
    [
      networking({ clusterNetwork: [{ cidr: '10.128.0.0/14' }] }),
      'must not be larger size than CIDR 10.128.0.0/14',
    ],
    [
      networking({ clusterNetwork: [{ cidr: '10.128.0.0/14', hostPrefix: -1 }] }),
      'hostPrefix must be positive',
    ],
    [networking({ clusterNetwork: [{ cidr: 'fd03::/48', hostPrefix: 63 }] }), 'must be 64 for IPv6 networks'],
    [networking({ clusterNetworkMTU: 1400 }), 'cluster network MTU is allowed only in AWS deployments'],
    [
      networking({ ovnKubernetesConfig: { ipv4: { internalJoinSubnet: '10.0.0.0/24' } } }),
      'must not overlap with machineNetwork 10.0.0.0/16',
    ],
    [
      networking({ ovnKubernetesConfig: { ipv4: { internalJoinSubnet: '100.80.0.0/30' } } }),
      'ipv4InternalJoinSubnet is not large enough',
    ],
    [
      { controlPlane: { replicas: 0 } },
      'controlPlane.replicas: Invalid value: 0: number of control plane replicas must be positive',
    ],
    [
      { controlPlane: { hyperthreading: 'Off' } },
      'controlPlane.hyperthreading: Unsupported value: "Off": supported values: "Disabled", "Enabled"',
    ],
    [{ controlPlane: { architecture: 'arm64' } }, 'compute pool architecture must match control plane'],
    [
      { compute: [{ name: 'infra' }] },
      'compute[0].name: Unsupported value: "infra": supported values: "worker", "edge"',
    ],
    [{ compute: [{ name: 'worker' }, { name: 'worker' }] }, 'compute[1].name: Duplicate value: "worker"'],
    [{ compute: [{ name: 'worker', replicas: -1 }] }, 'number of replicas must not be negative'],
    [{ proxy: {} }, 'proxy: Required value: must include httpProxy or httpsProxy'],
    [
      { proxy: { httpProxy: 'https://p.test' } },
      'proxy.httpProxy: Unsupported value: "https": supported values: "http"',
    ],
    [{ proxy: { httpProxy: 'http://172.30.0.9:1' } }, 'proxy value is part of the service networks'],
    [
      { proxy: { httpProxy: 'http://p.test', noProxy: 'a.test, *.b.test' } },
      'violated by element 1 "*.b.test"',
    ],
    [
      { imageDigestSources: [{ source: 'quay.test/a/b:tag' }] },
      'imageDigestSources[0].source: Invalid value: "quay.test/a/b:tag": must be repository--not reference',
    ],
    [
      { imageDigestSources: [{ source: 'quay.test/a', mirrors: ['Mirror/ A'] }] },
      'imageDigestSources[0].mirrors[0]: Invalid value: "Mirror/ A": failed to parse',
    ],
  ])('refuse %j', (changes, message) => {
    expect(errors(changes).join('\n')).toContain(message);
  });

  it('never quote the password of a proxy', () => {
    const found = errors({ proxy: { httpProxy: 'http://user:hunter2@172.30.0.9:1' } });
    expect(found).toHaveLength(1);
    expect(found[0]).not.toContain('hunter2');
  });
});

describe('rules of a config image', () => {
  it('accept a single node', () => {
    expect(report({})).toEqual([]);
    expect(report(networking({ ...machines('192.0.2.0/24', 'fd00:1::/64') }))).toEqual([]);
  });

  it.each([
    [{ networking: undefined }, 'networking: Required value: networking is required'],
    [{ platform: { baremetal: {} } }, 'Platform: Unsupported value: "baremetal": supported values: "none"'],
    [
      { featureSet: 'TechPreviewNoUpgrade' },
      'FeatureSet: Unsupported value: "TechPreviewNoUpgrade": supported values: ""',
    ],
    [{ controlPlane: {} }, 'total number of ControlPlane.Replicas must be 1. Found 3'],
    [
      { compute: [] },
      'Total number of Compute.Replicas must be 0 when ControlPlane.Replicas is 1 for platform none. Found 3',
    ],
    [
      networking({ networkType: 'Calico' }),
      'Networking.NetworkType: Invalid value: "Calico": Only OVNKubernetes',
    ],
    [
      networking(machines('192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24')),
      'Networking.MachineNetwork: Too many: 3: must have at most 2 items',
    ],
    [{ apiVersion: '' }, 'apiVersion: Required value: no version was provided'],
    [{ additionalTrustBundlePolicy: 'Always' }, 'AdditionalTrustBundlePolicy: Always is ignored'],
    [
      { controlPlane: { replicas: 1, hyperthreading: 'Disabled' } },
      'ControlPlane.Hyperthreading: Disabled is ignored',
    ],
    [{ controlPlane: { replicas: 1, platform: { none: {} } } }, 'ControlPlane.Platform is ignored'],
  ])('answer %j', (changes, message) => {
    expect(report(changes).join('\n')).toContain(message);
  });
});
