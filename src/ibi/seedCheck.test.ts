import { expect, test } from 'vitest';
import type { IBIPrepareConfig } from '#api/ibiConfiguration.ts';
import { renderSeedClusterInfo, type SeedClusterInfo } from '#api/seedClusterInfo.ts';
import { SEED_FORMAT_LABEL, SEED_INFO_LABEL } from '#api/seedImage.ts';
import type { Failure } from '#base/failure.ts';
import { checkSeed, seedDoubts } from './seedCheck.ts';
import { ibiConfig } from './testing.ts';

const info = (extra: Partial<SeedClusterInfo> = {}): SeedClusterInfo => ({
  ...{
    seed_cluster_ocp_version: '4.19.0',
    base_domain: 'a.test',
    cluster_name: 'c',
    node_ips: ['192.0.2.1'],
  },
  ...{
    release_registry: '',
    mirror_registry_configured: false,
    sno_hostname: 'h',
    recert_image_pull_spec: '',
  },
  ...{ has_proxy: false, has_fips: false, cluster_network_cidr: [], service_network_cidr: [] },
  ...{ additionalTrustBundle: null, ingress_certificate_cn: '', machine_networks: [] },
  container_storage_mountpoint_target: '/dev/disk/by-partlabel/var-lib-containers',
  ...extra,
});

function problemsOf(config: Partial<IBIPrepareConfig>, seed: Partial<SeedClusterInfo> = {}): string[] {
  const labels = { [SEED_FORMAT_LABEL]: '4', [SEED_INFO_LABEL]: renderSeedClusterInfo(info(seed)) };
  const image = { digest: 'sha256:1', labels, architecture: 'amd64', layerBytes: 1 };
  try {
    checkSeed({ config: ibiConfig(config), image, architecture: 'amd64' });
    return [];
  } catch (error) {
    return ((error as Failure).facts['problems'] as { path: string }[]).map(({ path }) => path);
  }
}

test.each([
  ['what is expected', { expectProxy: false, expectFips: false }, {}, []],
  [
    'what is expected of a seed with both',
    { expectProxy: true, expectFips: true },
    { has_proxy: true, has_fips: true },
    [],
  ],
  ['nothing expected', {}, { has_proxy: true, has_fips: true }, []],
  ['a proxy that is not there', { expectProxy: true }, {}, ['expectProxy']],
  ['a proxy that is there', { expectProxy: false }, { has_proxy: true }, ['expectProxy']],
  ['FIPS that is not there', { expectFips: true }, {}, ['expectFips']],
  ['FIPS that is there', { expectFips: false }, { has_fips: true }, ['expectFips']],
  ['FIPS switched on', { coreosInstallerArgs: ['--append-karg', 'fips=1'] }, {}, ['coreosInstallerArgs']],
  [
    'FIPS switched off',
    { coreosInstallerArgs: ['--append-karg=fips=0'] },
    { has_fips: true },
    ['coreosInstallerArgs'],
  ],
  [
    'FIPS taken away',
    { coreosInstallerArgs: ['--delete-karg', 'fips=1'] },
    { has_fips: true },
    ['coreosInstallerArgs'],
  ],
  ['FIPS said again', { coreosInstallerArgs: ['--append-karg', 'fips=1'] }, { has_fips: true }, []],
  [
    'all at once',
    { seedVersion: '1', extraPartitionLabel: 'x', expectFips: true },
    {},
    ['seedVersion', 'extraPartitionLabel', 'expectFips'],
  ],
])('%s', (_, config, seed, paths) => expect(problemsOf(config, seed)).toEqual(paths));

test('a machine that looks unlike the seed is a doubt', () => {
  const here = { hasProxy: true, isFips: true };
  expect(seedDoubts(info(), here)).toEqual([
    expect.stringContaining("the seed's cluster has no proxy and this machine has one"),
    expect.stringContaining('FIPS mode'),
  ]);
  expect(seedDoubts(info({ has_proxy: true, has_fips: true }), here)).toEqual([]);
});
