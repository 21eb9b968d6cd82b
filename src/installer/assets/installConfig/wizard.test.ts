import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { Failure } from '#base/failure.ts';
import { silentLogger } from '#base/logger.ts';
import { dataFilesOf } from '#system/dataFiles.ts';
import type { Interview, Mapping, Question } from '../../interview.ts';
import { PasswordSource } from '../../passwords.ts';
import { AssetStore } from '../../store.ts';
import { installConfig } from './installConfig.ts';

const SECRET = '{"auths":{"registry.test":{"auth":"eA=="}}}';
const KEY = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.alloc(36)]).toString('base64')} me`;

const COMPLETE: Mapping = {
  platform: { none: {} },
  baseDomain: 'site.test',
  metadata: { name: 'clone' },
  pullSecret: SECRET,
};

/** A person who gives these answers in turn; an answer that is refused is told and passed over. */
class Person {
  readonly asked: string[] = [];
  readonly refused: string[] = [];
  readonly #answers: string[];

  constructor(answers: readonly string[]) {
    this.#answers = [...answers];
  }

  async ask(question: Question): Promise<string> {
    this.asked.push(question.message);
    for (;;) {
      const answer = this.#answers.shift();
      if (answer === undefined) throw new Failure({ code: 'test/left', message: 'interrupt' });
      if (answer === '' && question.default !== undefined) return question.default;
      const fault = question.check?.(answer);
      if (fault === undefined) return answer;
      this.refused.push(fault);
    }
  }
}

function newStore(interview: Partial<Interview>): AssetStore {
  return new AssetStore({
    state: new Map(),
    readInputs: async () => [],
    context: {
      now: new Date(0),
      random: (octets) => Buffer.alloc(octets, 7),
      keys: { next: () => Promise.reject(new Error('no key is needed')) },
      passwords: new PasswordSource(
        (octets) => Buffer.alloc(octets),
        async () => 'a hash',
      ),
      data: dataFilesOf({}),
      logger: silentLogger,
      env: {},
      unknownKeys: 'error',
      interview: { given: {}, findSshKeys: async () => [], ...interview },
    },
  });
}

async function make(interview: Partial<Interview>): Promise<Record<string, unknown>> {
  const { file } = await newStore(interview).fetch(installConfig);
  return parse(Buffer.from(file.Data, 'base64').toString('utf8')) as Record<string, unknown>;
}

it('asks in the order of the original, and then for what is hardly ever the default', async () => {
  const terminal = new Person([KEY, 'none', 'site.test', 'clone', SECRET, '', '1', '']);
  const store = newStore({ terminal, findSshKeys: async () => [{ path: '/home/a.pub', text: `${KEY}\n` }] });
  const { config } = await store.fetch(installConfig);
  expect(terminal.asked).toEqual([
    'SSH Public Key',
    'Platform',
    'Base Domain',
    'Cluster Name',
    'Pull Secret',
    'Machine Network',
    'Control plane nodes',
    'Worker nodes',
  ]);
  expect(config).toMatchObject({
    sshKey: KEY,
    baseDomain: 'site.test',
    metadata: { name: 'clone' },
    controlPlane: { replicas: 1 },
    compute: [{ name: 'worker', replicas: 0 }],
    platform: { none: {} },
  });
  expect([...(await store.values()).keys()].toSorted()).toEqual([
    '*installconfig.InstallConfig',
    '*installconfig.baseDomain',
    '*installconfig.clusterName',
    '*installconfig.platform',
    '*installconfig.pullSecret',
    '*installconfig.sshPublicKey',
  ]);
});

it('asks only for what was not given, and nothing after an answer that did not come', async () => {
  const terminal = new Person([]);
  const { baseDomain: _, ...given } = COMPLETE;
  await expect(make({ terminal, given })).rejects.toMatchObject({
    message:
      'failed to fetch Install Config: failed to fetch dependency of "Install Config": failed to generate asset "Base Domain": failed UserInput: interrupt',
  });
  expect(terminal.asked).toEqual(['Base Domain']);
});

it('refuses an answer by the rules of the install-config and asks again', async () => {
  const terminal = new Person(['none', 'Not A Domain', 'site.test', 'x'.repeat(55), 'clone', '{}']);
  await expect(make({ terminal })).rejects.toThrow();
  expect(terminal.refused).toEqual([
    expect.stringContaining('Invalid value: "Not A Domain": a lowercase RFC 1123 subdomain'),
    expect.stringContaining('must be no more than 54 characters'),
    'Invalid value: "<redacted>": auths required',
  ]);
});

it('needs no terminal when everything was given, and no SSH key', async () => {
  const made = await make({ given: { ...COMPLETE, fips: false, controlPlane: { replicas: 1 } } });
  expect(made).toMatchObject({
    baseDomain: 'site.test',
    platform: { none: {} },
    controlPlane: { replicas: 1 },
  });
  expect(made).not.toHaveProperty('sshKey');
});

it.each([
  ['platform', '"Base Domain": failed to generate asset "Platform": nothing says platform', '--platform'],
  ['baseDomain', 'failed to generate asset "Base Domain": failed UserInput: nothing says', '--base-domain'],
  ['metadata', 'failed to generate asset "Cluster Name": failed UserInput: nothing says', '--cluster-name'],
  ['pullSecret', 'failed to generate asset "Pull Secret": nothing says pullSecret', '--pull-secret-file'],
])('without a terminal names the flag for a missing %s', async (member, wraps, flag) => {
  const given = Object.fromEntries(Object.entries(COMPLETE).filter(([name]) => name !== member));
  const failure = await make({ given }).catch((error: unknown) => error as Failure);
  expect(failure).toMatchObject({ code: 'installer/answer-missing' });
  expect((failure as Failure).message).toContain(wraps);
  expect((failure as Failure).message).toContain(`give ${flag}, or `);
});

it('tells all that is wrong with answers given beforehand', async () => {
  const given = { ...COMPLETE, baseDomain: 'B', metadata: { name: 'a.b.' } };
  const failure = await make({ given }).catch((error: unknown) => error as Failure);
  expect((failure as Failure).message).toMatch(
    /invalid install config: \[metadata\.name: .*, baseDomain: .*\]$/s,
  );
});

it('knows the platforms of the original and no others', async () => {
  const given = { ...COMPLETE, platform: { moon: {} } };
  await expect(make({ given })).rejects.toThrow('invalid platform "moon"');
  await expect(make({ given: { ...COMPLETE, platform: { ovirt: {} } } })).rejects.toThrow(
    'no longer supported',
  );
});

it('asks for the hosts of bare metal, and keeps the answer for the provisioning network', async () => {
  const hosts = [
    ...[
      'master',
      'a',
      'no url',
      'ipmi://192.0.2.1',
      'root',
      'pw',
      '01:00:00:00:00:01',
      '52:54:00:00:00:01',
      'yes',
    ],
    ...['worker', 'a', 'b', 'ipmi://192.0.2.1', 'ipmi://192.0.2.2', 'root', 'pw', '52:54:00:00:00:02', 'no'],
  ];
  const { platform: _, ...given } = COMPLETE;
  const layout = ['10.0.0.0/24, fd00::/64', '10.0.1.5', '10.0.0.5', '10.0.0.5', '10.0.0.6', '', ''];
  const terminal = new Person(['baremetal', 'Disabled', '', ...hosts, ...layout]);
  const made = await make({ terminal, given });
  expect(made).toMatchObject({
    platform: {
      baremetal: {
        provisioningNetwork: 'Disabled',
        apiVIPs: ['10.0.0.5'],
        ingressVIPs: ['10.0.0.6'],
        hosts: [
          {
            name: 'a',
            role: 'master',
            bmc: { address: 'ipmi://192.0.2.1' },
            bootMACAddress: '52:54:00:00:00:01',
          },
          { name: 'b', role: 'worker', bmc: { address: 'ipmi://192.0.2.2' } },
        ],
      },
    },
    networking: { machineNetwork: [{ cidr: '10.0.0.0/24' }, { cidr: 'fd00::/64' }] },
    controlPlane: { replicas: 1 },
    compute: [{ replicas: 1 }],
  });
  expect(terminal.refused).toHaveLength(6);
});
