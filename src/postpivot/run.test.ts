import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parsePostPivotResult } from '#api/postPivotResult.ts';
import { parseRecertConfig } from '#api/recertConfig.ts';
import type { SeedReconfiguration } from '#api/seedReconfiguration.ts';
import { Failure } from '#base/failure.ts';
import { renderPemFile } from '#formats/pem.ts';
import { goName } from '#pki/names.ts';
import { issueSigner } from '#pki/openshift.ts';
import type { Files } from '#system/host.ts';
import { JOURNAL, PULL_SECRET, RECERT_CONFIG, RESULT } from './paths.ts';
import { runPostPivot } from './run.ts';
import { configIso, cutAt, reconfiguration, seedInfo, type TestHostOptions, TestWorld } from './testing.ts';

const configMap = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: {} });

function worldOf(options: TestHostOptions = {}): TestWorld {
  const world = new TestWorld(options);
  world.cluster.serve({ apiVersion: 'v1', kind: 'ConfigMap' });
  world.cluster.serve({ apiVersion: 'config.openshift.io/v1', kind: 'ClusterVersion' });
  world.cluster.serve({ apiVersion: 'machineconfiguration.openshift.io/v1', kind: 'MachineConfig' });
  return world;
}

const resultOf = (world: TestWorld) => {
  const result = parsePostPivotResult(world.host.files.tree()[RESULT] ?? '');
  if (!result.ok) throw new Error('no result file');
  return result.value;
};

/** Everything but what the next boot forgets. */
const onDisk = (world: TestWorld) =>
  Object.fromEntries(Object.entries(world.host.files.tree()).filter(([path]) => !path.startsWith('/run/')));

const reboot = async (files: Files): Promise<void> => files.remove('/run');

describe('runPostPivot', () => {
  it('gives the host its new identity and leaves nothing of the work', async () => {
    const seed = seedInfo();
    const target = reconfiguration({ ssh_key: 'ssh-ed25519 AAAA a\nssh-rsa BBBB b\n' });
    const world = worldOf({
      seed,
      volume: configIso(target, { 'extra-manifests/a.yaml': configMap('extra') }),
      files: {
        '/etc/passwd': 'core:x:1000:1000::/home/core:/bin/bash\n',
        '/etc/issue.d/70_lca-post-pivot.issue': 'link',
      },
    });

    await runPostPivot(world);

    const tree = world.host.files.tree();
    expect(tree[PULL_SECRET]).toBe(target.pull_secret);
    expect((await world.host.files.facts(PULL_SECRET))?.mode).toBe(0o600);
    expect(tree['/home/core/.ssh/authorized_keys.d/ib-early-access']).toBe(
      'ssh-ed25519 AAAA a\nssh-rsa BBBB b\n',
    );
    expect(tree['/etc/hosts']).toContain(`198.51.100.20 ${target.hostname} api.${target.cluster_name}`);
    expect(tree['/etc/hosts']).not.toContain(seed.cluster_name);
    expect(world.recertRuns).toBe(1);
    expect(world.rebuilt).toEqual([{ name: target.hostname, peerUrl: 'https://198.51.100.20:2380' }]);
    expect([...world.cluster.objects.keys()]).toContain('v1 ConfigMap default extra');
    expect([...world.cluster.objects.values()].filter((o) => o.kind === 'MachineConfig')).toHaveLength(2);
    expect(world.cluster.patches).toContainEqual({
      key: 'config.openshift.io/v1 ClusterVersion  version',
      body: { spec: { clusterID: target.cluster_id } },
    });
    expect(
      Object.keys(tree).filter((path) => /^\/(opt\/openshift|var\/seed_data|etc\/issue|run\/lca)/.test(path)),
    ).toEqual([]);
    const result = resultOf(world);
    expect(result).toMatchObject({ outcome: 'succeeded', attempt: 1, node_ips: ['198.51.100.20'] });
    expect(result).toHaveProperty('seconds_to_kubelet');
    const stages = result.stages.map(({ name }) => name);
    expect([stages[0], stages.at(-1)]).toEqual(['configuration', 'clean up']);
    expect(new Set(stages).size).toBe(stages.length);
    expect(stages).toEqual(expect.arrayContaining(['pristine copy', 'node IPs', 'recert', 'kubelet', 'API']));
    expect(world.host.commands.at(-1)).toEqual([
      'systemctl',
      'disable',
      'installation-configuration.service',
    ]);
  });

  it('gives recert a document that recert accepts', async () => {
    const world = worldOf({ volume: configIso(reconfiguration()) });
    let document = '';
    const during = world.etcd.during;
    Object.assign(world.etcd, {
      during: async (work: (endpoint: string) => Promise<void>) => {
        await during(work);
        document = world.host.files.tree()[RECERT_CONFIG]!;
      },
    });
    await runPostPivot(world);
    expect(parseRecertConfig(document)).toMatchObject({
      ok: true,
      value: { etcd_endpoint: '127.0.0.1:23790' },
    });
  });

  it('starts the kubelet only when the identity is complete', async () => {
    const world = worldOf({ volume: configIso(reconfiguration()) });
    await runPostPivot(world);
    const commands = world.host.commands.map((argv) => argv.join(' '));
    const kubelet = commands.indexOf('systemctl enable --now kubelet.service');
    expect(kubelet).toBeGreaterThan(commands.indexOf('/usr/local/bin/recert'));
    expect(commands[kubelet - 1]).toBe('systemctl daemon-reload');
  });

  it('does not start the kubelet before the system trusts the given authorities', async () => {
    const { der } = issueSigner({
      subject: goName({ commonName: 'site', organization: ['x'] }),
      key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
      serial: 1n,
      now: new Date(),
      validitySeconds: 86_400,
    }).certificate;
    const bundle = renderPemFile('CERTIFICATE', der);
    const target = reconfiguration({
      additionalTrustBundle: { userCaBundle: bundle, proxyConfigmapName: '', proxyConfigmapBundle: '' },
    });
    const world = worldOf({ volume: configIso(target), programs: ['update-ca-trust'] });
    const run = world.host.run.bind(world.host);
    let isBroken = true;
    world.host.run = async (argv, options) => {
      if (argv[0] === 'update-ca-trust' && isBroken) throw new Error('no trust');
      return run(argv, options);
    };
    const kubelet = 'systemctl enable --now kubelet.service';
    const commands = () => world.host.commands.map((argv) => argv.join(' '));
    await expect(runPostPivot(world)).rejects.toThrow('no trust');
    expect(resultOf(world).stages.at(-1)).toMatchObject({ name: 'CA trust: end', outcome: 'failed' });
    expect(commands()).not.toContain(kubelet);
    isBroken = false;
    await runPostPivot(world);
    expect(commands().indexOf('update-ca-trust')).toBeLessThan(commands().indexOf(kubelet));
    expect(commands()).toContain('update-ca-trust');
  });

  it('ends in the same state wherever it is cut off', { timeout: 60_000 }, async () => {
    const options = {
      seed: seedInfo(),
      volume: configIso(reconfiguration({ ssh_key: 'ssh-ed25519 AAAA a' }), {
        'network-configuration/system-connections/host0.nmconnection': '[connection]\nid=host0\n',
        'extra-manifests/a.yaml': configMap('extra'),
      }),
      files: {
        '/etc/passwd': 'core:x:1000:1000::/home/core:/bin/bash\n',
        '/root/.bash_history': 'secret',
        '/var/lib/kubelet/pods/1/token': 'token',
      },
    };
    const comparable = (world: TestWorld) => {
      const { [RESULT]: _, [JOURNAL]: __, ...tree } = onDisk(world);
      return tree;
    };
    const whole = worldOf(options);
    await runPostPivot(whole);
    let cuts = 0;
    for (let wasCut = true; wasCut; cuts++) {
      const world = worldOf(options);
      const restore = cutAt(world.host.files, cuts);
      await runPostPivot(world).catch(() => {});
      wasCut = restore();
      if (cuts % 2 === 0) await reboot(world.host.files);
      await runPostPivot(world);
      expect(comparable(world), `cut at change ${cuts}`).toEqual(comparable(whole));
      expect(resultOf(world).outcome).toBe('succeeded');
    }
    expect(cuts).toBeGreaterThan(20);
  });

  it('does not touch the pods of a running cluster when a late step is repeated', async () => {
    const world = worldOf({ volume: configIso(reconfiguration({ node_labels: { 'example.com/a': 'b' } })) });
    await expect(runPostPivot(world)).rejects.toMatchObject({ code: 'postpivot/node-not-registered' });
    const failed = resultOf(world);
    expect(failed).toMatchObject({
      outcome: 'failed',
      failure: { code: 'postpivot/node-not-registered' },
    });
    expect(failed.stages.at(-1)).toMatchObject({ name: 'node labels', outcome: 'failed', seconds: 300 });
    await world.host.files.write('/var/lib/kubelet/pods/1/etc-hosts', 'running');
    await expect(runPostPivot(world)).rejects.toThrow();
    expect(world.host.files.tree()['/var/lib/kubelet/pods/1/etc-hosts']).toBe('running');
    expect(world.recertRuns).toBe(1);
  });

  it('refuses a configuration that was changed after recert', async () => {
    const world = worldOf({ volume: configIso(reconfiguration({ node_labels: { 'example.com/a': 'b' } })) });
    await expect(runPostPivot(world)).rejects.toThrow();
    const manifest = '/opt/openshift/cluster-configuration/manifest.json';
    const changed = world.host.files.tree()[manifest]!.replace(/"cluster_name":"/, '"cluster_name":"other-');
    await world.host.files.write(manifest, changed);
    await expect(runPostPivot(world)).rejects.toMatchObject({
      code: 'postpivot/given-up',
      facts: { reason: 'base/input-changed' },
    });
    expect(resultOf(world)).toMatchObject({ outcome: 'given-up', attempt: 2 });
  });

  it('says so when the host was not installed from a seed', async () => {
    const world = worldOf({ volume: configIso(reconfiguration()) });
    await world.host.files.remove('/var/seed_data');
    const before = world.host.files.tree();
    await expect(runPostPivot(world)).rejects.toMatchObject({ code: 'postpivot/no-seed-data' });
    expect(world.host.files.tree()).toEqual(before);
  });
});

describe('a bad configuration', () => {
  const seed = seedInfo();
  const proxy = { httpProxy: 'http://p.example', httpsProxy: '', noProxy: '' };
  const crypto = reconfiguration().KubeconfigCryptoRetention;
  const badKey = { ...crypto, IngresssCrypto: { ingress_ca: 'not a key', ingress_certificate_cn: '' } };
  const badNetwork = 'interfaces:\n- {name: bond0, type: bond, state: up}\n';
  const cases: [name: string, says: RegExp, target: Partial<SeedReconfiguration> | string, files?: object][] =
    [
      ['no manifest', /manifest\.json/, ''],
      ['broken JSON', /manifest\.json/, '{"api_version": 1,'],
      ['another version', /api_version/, { api_version: 2 }],
      ['a cluster name that is none', /cluster_name/, { cluster_name: 'Not_a.name' }],
      ['no cluster name', /cluster_name/, { cluster_name: '' }],
      ['a base domain that is none', /base_domain/, { base_domain: 'no domain' }],
      ['no cluster ID', /cluster_id/, { cluster_id: '' }],
      ['no pull secret', /pull_secret/, { pull_secret: '' }],
      ['a proxy that the seed has not', /proxy/, { proxy }],
      ['another IP family', /machine_networks: .*IPv4/, { machine_networks: ['2001:db8::/64'] }],
      ['no machine network', /machine_networks/, { machine_networks: [] }],
      ['a broken extra manifest', /extra-manifests\/a\.yaml/, {}, { 'extra-manifests/a.yaml': 'a: [1' }],
      [
        'an extra manifest without a kind',
        /extra-manifests\/a\.yaml/,
        {},
        { 'extra-manifests/a.yaml': 'a: 1' },
      ],
      ['a signer that is no key', /ingress_ca: is not a private key/, { KubeconfigCryptoRetention: badKey }],
      ['a network that can not be rendered', /raw_nm_state_config/, { raw_nm_state_config: badNetwork }],
      ['localhost for a name', /hostname/, { hostname: 'localhost' }],
    ];

  it.each(cases)('%s changes nothing, and is named', async (_, says, target, files = {}) => {
    const volume = configIso(typeof target === 'string' ? target : reconfiguration(target), { ...files });
    const world = worldOf({ seed, volume });
    const before = world.host.files.tree();
    const error = await runPostPivot(world).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: 'postpivot/configuration-invalid' });
    expect((error as Failure).message).toMatch(says);
    expect((error as Failure).message).not.toContain('not a key');
    expect((error as Failure).hint).toContain('nothing on this host was changed');
    expect(onDisk(world)).toEqual(before);
    expect(world.host.commands).toEqual([]);
  });

  it('is read again from its volume at the next attempt', async () => {
    const world = worldOf({ seed, volume: configIso(reconfiguration({ cluster_id: '' })) });
    await expect(runPostPivot(world)).rejects.toThrow();
    await world.host.files.write('/dev/loop7', configIso(reconfiguration()));
    await runPostPivot(world);
    expect(resultOf(world).outcome).toBe('succeeded');
  });
});
