import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseImageBasedInstallationConfig } from '#api/ibiInstallationConfig.ts';
import { renderProblem } from '#base/report.ts';
import { validateInstallationConfig } from './installationConfigRules.ts';

const VALID = {
  seedImage: 'registry.test/seed:1',
  seedVersion: '4.19.7',
  installationDisk: '/dev/vda',
  pullSecret: '{"auths":{"registry.test":{"auth":"eA=="}}}',
};

const problemsWith = (fields: object): string[] =>
  parseImageBasedInstallationConfig(
    stringify({ ...VALID, ...fields }),
    validateInstallationConfig,
  ).report.map(renderProblem);

const start = 'ExtraPartitionStart: ';
const flags = '[--append-karg --delete-karg --save-partlabel --save-partindex]';

describe('an installation config', () => {
  it.each([
    {},
    { extraPartitionStart: 0 },
    { extraPartitionStart: '-40G' },
    { extraPartitionStart: '+1T' },
    { extraPartitionLabel: '', extraPartitionNumber: 0 },
    { coreosInstallerArgs: ['--append-karg', 'ip=192.0.2.1::192.0.2.2'] },
    { proxy: { httpProxy: 'http://proxy.test:1', noProxy: '.test, 192.0.2.0/24' } },
    { imageDigestSources: [{ source: 'registry.test/a', mirrors: ['mirror.test/a'] }] },
    { networkConfig: { interfaces: [] } },
  ])('may have %j', (fields) => {
    expect(problemsWith(fields)).toEqual([]);
  });

  it.each<[object, string]>([
    [{ pullSecret: '' }, 'pullSecret: Required value: you must specify a pullSecret'],
    [{ pullSecret: '{"hunter2":1}' }, 'pullSecret: Invalid value: "<redacted>": auths required'],
    [{ sshKey: 'nope' }, 'sshKey: Invalid value: "nope": ssh: no key found'],
    [{ seedImage: '' }, 'seedImage: Required value: you must specify a seedImage'],
    [{ seedVersion: '' }, 'seedVersion: Required value: you must specify a seedVersion'],
    [{ installationDisk: '' }, 'installationDisk: Required value: you must specify an installationDisk'],
    [
      { installationDisk: 'vda' },
      'installationDisk: Invalid value: "vda": must be the absolute path of a device',
    ],
    [{ extraPartitionStart: '' }, `${start}Required value: partition start sector cannot be empty`],
    [
      { extraPartitionStart: '40' },
      `${start}Invalid value: "40": partition start must be '0' or match pattern [+-]?<number>[KMGTP]`,
    ],
    [
      { extraPartitionStart: '1P' },
      `${start}Invalid value: "1P": the installing host takes K, M, G and T only, although the installer takes P`,
    ],
    [{ additionalTrustBundle: 'x' }, 'additionalTrustBundle: Invalid value: "<redacted>": invalid block'],
    [
      { networkConfig: { interface: [] } },
      'networkConfig.interface: unknown field, did you mean "interfaces"?',
    ],
    [
      { imageDigestSources: [{ source: 'a.test/b:1' }] },
      'imageDigestSources[0].source: Invalid value: "a.test/b:1": must be repository--not reference',
    ],
    [{ proxy: { noProxy: 'a' } }, 'proxy: Required value: must include httpProxy or httpsProxy'],
    [
      { proxy: { httpProxy: 'https://a.test' } },
      'proxy.httpProxy: Unsupported value: "https": supported values: "http"',
    ],
    [
      { coreosInstallerArgs: ['--offline'] },
      `CoreosInstallerArgs: Required value: found unexpected flag --offline for coreosInstallerArgs - allowed flags are ${flags}`,
    ],
    [
      { coreosInstallerArgs: ['a b'] },
      'CoreosInstallerArgs: Required value: found unexpected chars in value a b for installer',
    ],
    [{ extraPartitionNumber: -1 }, 'extraPartitionNumber: must not be negative'],
    [{ seedimage: 'x' }, 'seedimage: unknown field, did you mean "seedImage"?'],
  ])('is refused with %j', (fields, problem) => {
    expect(problemsWith(fields)).toEqual([problem]);
  });

  it('has all problems at once, in the order of the original', () => {
    const { report } = parseImageBasedInstallationConfig('kind: x', validateInstallationConfig);
    expect(report.map(({ path }) => path)).toEqual([
      'pullSecret',
      'seedImage',
      'seedVersion',
      'installationDisk',
    ]);
  });
});
