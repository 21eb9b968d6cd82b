import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RecertConfig } from '#api/recertConfig.ts';
import { Failure } from '#base/failure.ts';
import type { Logger } from '#base/logger.ts';
import { renderPemFile } from '#formats/pem.ts';
import { renderPrivateKeyFile } from '#pki/keys.ts';
import { goName } from '#pki/names.ts';
import { issueSigner } from '#pki/openshift.ts';
import type { Etcd } from '#system/etcd.ts';
import type { Host } from '#system/host.ts';
import { MemoryHost } from '#system/testing.ts';
import { DEFAULT_JOURNAL } from './journal.ts';
import { runRecert } from './run.ts';
import { MemoryEtcd, makeCluster, type TestCluster, testMeans, UNKNOWN_FIELD } from './testing.ts';

const configFor = (cluster: TestCluster): RecertConfig => ({
  etcd_endpoint: 'memory',
  crypto_dirs: ['/etc/kubernetes', '/var/lib/kubelet'],
  cluster_customization_dirs: ['/etc/kubernetes'],
  cluster_rename: 'two:other.net:two-id',
  hostname: 'node.two',
  ip: '10.0.0.2',
  cn_san_replace_rules: [
    `system:node:${cluster.host},system:node:node.two`,
    `${cluster.host}:node.two`,
    `api-int.${cluster.domain}:api-int.two.other.net`,
    `${cluster.ip}:10.0.0.2`,
  ],
  extend_expiration: true,
});

interface World {
  readonly cluster: TestCluster;
  readonly etcd: MemoryEtcd;
  readonly host: MemoryHost;
}

function makeWorld(): World {
  const cluster = makeCluster();
  return { cluster, etcd: new MemoryEtcd(cluster.objects), host: new MemoryHost(cluster.files) };
}

/** Every text of etcd and of the files, with base64 and percent-encoding undone once and twice. */
function everything({ etcd, host }: World): string {
  const texts = [...etcd.keys.values()].map(({ value }) => value.toString('latin1'));
  texts.push(...Object.values(host.files.tree()));
  const decode = (text: string): string =>
    [...text.matchAll(/[A-Za-z0-9+/]{64,}={0,2}/g)]
      .map(([run]) => Buffer.from(run, 'base64').toString('latin1'))
      .join('\n');
  const once = texts.map((text) => decodeURIComponentSafe(text) + decode(text));
  return [...texts, ...once, ...once.map(decode)].join('\n');
}

const decodeURIComponentSafe = (text: string): string =>
  text.includes('%0A') ? text.replace(/%[0-9A-F]{2}/g, (code) => decodeURIComponent(code)) : '';

const body = (old: string): string => old.split('\n').slice(1, 3).join('\n') || old;

function expectRenewed(world: World): void {
  const text = everything(world);
  for (const old of world.cluster.old) expect(text).not.toContain(body(old));
  expect(text).toContain(body(world.cluster.foreign));
  expect(text).toContain('not base64');
}

const value = ({ etcd }: World, part: string): string =>
  [...etcd.keys.values()].find(({ key }) => key.includes(part))?.value.toString('latin1') ?? '';

const certificatesIn = (text: string): X509Certificate[] =>
  (text.match(/-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );

describe('a recert run', () => {
  it('replaces everything everywhere and leaves what is not the cluster’s', async () => {
    const world = makeWorld();
    const before = world.etcd.keys.get(world.cluster.untouched)!;
    await runRecert(configFor(world.cluster), testMeans(world.host, world.etcd));
    expectRenewed(world);
    expect(world.etcd.keys.get(world.cluster.untouched)).toEqual(before);
    for (const [key, { value: stored }] of world.etcd.keys)
      if (stored.subarray(0, 4).toString() === 'k8s\0')
        expect([key, stored.includes(UNKNOWN_FIELD)]).toEqual([key, true]);
    expect(await world.host.files.exists(DEFAULT_JOURNAL)).toBe(false);
    expect(world.etcd.compactedTo).toBeGreaterThan(0);
  });

  it('makes chains that verify, keys that match, new names and a new span of time', async () => {
    const world = makeWorld();
    await runRecert(configFor(world.cluster), testMeans(world.host, world.etcd));
    const file = await world.host.files.readText('/etc/kubernetes/oddly.named');
    const [leaf] = certificatesIn(file);
    const signers = certificatesIn(value(world, '/signer'));
    expect(leaf!.checkPrivateKey(createPrivateKey(file))).toBe(true);
    expect(signers.some((signer) => leaf!.verify(signer.publicKey) && leaf!.checkIssued(signer))).toBe(true);
    expect(leaf!.subject).toContain('system:node:node.two');
    expect(leaf!.subjectAltName).toContain('DNS:api-int.two.other.net, DNS:node.two, IP Address:10.0.0.2');
    expect(leaf!.validFromDate).toEqual(new Date('2026-06-01T00:00:00Z'));
    expect(leaf!.serialNumber).not.toBe('09');
  });

  it('renames the cluster, the node and its address', async () => {
    const world = makeWorld();
    const { host, ip, domain } = world.cluster;
    await runRecert(configFor(world.cluster), testMeans(world.host, world.etcd));
    const pod = await world.host.files.readText('/etc/kubernetes/manifests/etcd-pod.yaml');
    expect(pod).toContain('"--name=node.two","--initial-cluster=node.two=https://10.0.0.2:2380"');
    const kubeconfig = await world.host.files.readText('/etc/kubernetes/kubeconfig');
    expect(kubeconfig).toContain('server: https://api-int.two.other.net:6443');
    expect(kubeconfig).toContain('kind: Config # of the node');
    expect(await world.host.files.exists('/etc/kubernetes/certs/etcd-all-certs/etcd-peer-node.two.crt')).toBe(
      true,
    );
    const keys = [...world.etcd.keys.keys()].join('\n');
    expect(keys).toContain('/etcd-peer-node.two');
    expect(keys).not.toContain('minions/');
    for (const gone of [host, ip]) expect(everything(world)).not.toContain(gone);
    expect(value(world, 'dnses/cluster')).not.toContain(domain);
  });

  it('changes nothing in a dry run', async () => {
    const world = makeWorld();
    const before = [new Map(world.etcd.keys), world.host.files.tree()];
    const { extend_expiration: _, ...config } = configFor(world.cluster);
    await runRecert({ ...config, dry_run: true }, testMeans(world.host, world.etcd));
    expect([world.etcd.keys, world.host.files.tree()]).toEqual(before);
  });

  it('warns of a key identifier that follows no known method', async () => {
    const world = makeWorld();
    const key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const subject = goName({ commonName: 'odd', organization: ['x'] });
    const { certificate } = issueSigner({
      ...{ subject, key, serial: 1n, validitySeconds: 86_400 },
      now: new Date('2026-01-01T00:00:00Z'),
    });
    const identifier = certificate.subjectKeyIdentifier!;
    const der = Buffer.from(certificate.der);
    for (let at = der.indexOf(identifier); at !== -1; at = der.indexOf(identifier, at + 1)) der[at]! ^= 1;
    await world.host.files.write('/etc/kubernetes/odd.crt', renderPemFile('CERTIFICATE', der));
    const warnings: string[] = [];
    const logger: Logger = { log: ({ level, message }) => level === 'warning' && warnings.push(message) };
    await runRecert(configFor(world.cluster), { ...testMeans(world.host, world.etcd), logger });
    const warned = warnings.find((message) => message.includes('follows no method'));
    expect(warned).toMatch(/^certificate "CN=odd, O=x": its key identifier .* \(file: .*\/odd\.crt in/);
  });

  it('runs a second time, and keeps everything with postprocess_only', async () => {
    const world = makeWorld();
    const config = configFor(world.cluster);
    await runRecert(
      { ...config, postprocess_only: true, extend_expiration: false },
      testMeans(world.host, world.etcd),
    );
    expect(everything(world)).toContain(body(world.cluster.old[0]!));
    await runRecert(config, testMeans(world.host, world.etcd));
    await runRecert(config, testMeans(world.host, world.etcd));
    expectRenewed(world);
  });

  it('removes the summary of an earlier run, and makes no keys for what is in it', async () => {
    const world = makeWorld();
    const config = { ...configFor(world.cluster), summary_file: '/etc/kubernetes/recert-summary.yaml' };
    await runRecert(config, testMeans(world.host, world.etcd));
    const { summary_file: _, ...next } = config;
    const metrics = { metrics_file: '/var/tmp/metrics' };
    const keys = async () =>
      /recert_found\{kind="public_keys"\} (\d+)/.exec(
        await world.host.files.readText('/var/tmp/metrics'),
      )?.[1];
    await runRecert({ ...next, ...metrics }, testMeans(world.host, world.etcd));
    expect(await world.host.files.exists('/etc/kubernetes/recert-summary.yaml')).toBe(false);
    const first = await keys();
    await runRecert({ ...next, ...metrics }, testMeans(world.host, world.etcd));
    expect(await keys()).toBe(first);
  });

  it('works on files alone', async () => {
    const world = makeWorld();
    const { etcd_endpoint: _, ...config } = configFor(world.cluster);
    await runRecert(config, testMeans(world.host, undefined));
    const [leaf] = certificatesIn(await world.host.files.readText('/var/lib/kubelet/pki/a.pem'));
    expect(leaf!.subject).toContain('node.two');
  });
});

const PRIVATE_KEY = /-----BEGIN (\w+ )?PRIVATE KEY-----[^-]*-----END (\w+ )?PRIVATE KEY-----\n/;

/** With another private key, where there is one beside certificates. */
const withKey = (text: string, key: string): string =>
  text.includes('BEGIN CERTIFICATE') ? text.replace(PRIVATE_KEY, key) : text;

/** What etcd and the files hold, journal and all. */
const state = ({ etcd, host }: World): unknown => ({
  keys: [...etcd.keys.values()].map(({ key, value, lease }) => [key, value.toString('latin1'), lease]).sort(),
  files: host.files.tree(),
});

/** Lets a number of writes through and then fails for ever, as a process that was killed does. */
function dying(world: World, writes: number): { host: Host; etcd: Etcd } {
  let left = writes;
  const guard: Guard =
    (work) =>
    async (...args) => {
      if (left-- <= 0) throw new Error('killed');
      return work(...args);
    };
  const files = guarding(world.host.files, guard, ['write', 'remove']);
  const etcd = guarding<Etcd>(world.etcd, guard, ['transact', 'compact']);
  return { host: guarding<Host>(world.host, guard, [], { files }), etcd };
}

type Guard = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => (...args: A) => Promise<R>;

/** The same object, of which some methods are guarded and some members replaced. */
function guarding<T extends object>(target: T, guard: Guard, methods: string[], members: Partial<T> = {}): T {
  return new Proxy(target, {
    get: (of, name) => {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const member: unknown = Reflect.get(of, name, of);
      if (typeof member !== 'function') return member;
      const bound = member.bind(of) as (...args: unknown[]) => Promise<unknown>;
      return methods.includes(String(name)) ? guard(bound) : bound;
    },
  });
}

describe('a run that is killed', () => {
  it('is finished by running again, wherever it was killed', async () => {
    for (let writes = 0; ; writes++) {
      const world = makeWorld();
      const { host, etcd } = dying(world, writes);
      const config = { ...configFor(world.cluster), summary_file_clean: '/var/tmp/summary.yaml' };
      const ended = await runRecert(config, testMeans(host, etcd)).then(
        () => true,
        () => false,
      );
      if (ended) break;
      const plan = await world.host.files.readIfExists(DEFAULT_JOURNAL);
      await runRecert(config, testMeans(world.host, world.etcd));
      expectRenewed(world);
      expect(await world.host.files.exists(DEFAULT_JOURNAL)).toBe(false);
      if (plan !== undefined) expectPlanned(world, plan.toString());
      expect(writes).toBeLessThan(60);
    }
  }, 60_000);

  it('is rolled back from wherever it was killed, also if the rollback is killed too', async () => {
    for (let writes = 1; ; writes++) {
      const world = makeWorld();
      const before = state(world);
      const config = { ...configFor(world.cluster), summary_file_clean: '/var/tmp/summary.yaml' };
      const killed = dying(world, writes);
      const ended = await runRecert(config, testMeans(killed.host, killed.etcd)).then(
        () => true,
        () => false,
      );
      if (ended || !(await world.host.files.exists(DEFAULT_JOURNAL))) break;
      const undo = { ...config, rollback: true };
      const killedAgain = dying(world, writes % 7);
      await runRecert(undo, testMeans(killedAgain.host, killedAgain.etcd)).catch(() => {});
      // Either direction is open until the journal is gone.
      if (await world.host.files.exists(DEFAULT_JOURNAL)) {
        const forward = dying(world, writes % 5);
        await runRecert(config, testMeans(forward.host, forward.etcd)).catch(() => {});
        if (!(await world.host.files.exists(DEFAULT_JOURNAL))) {
          expectRenewed(world); // few writes were left to do, and they were done
          continue;
        }
      }
      if (await world.host.files.exists(DEFAULT_JOURNAL))
        await runRecert(undo, testMeans(world.host, world.etcd));
      expect(state(world)).toEqual(before);
      expect(writes).toBeLessThan(60);
    }
  }, 60_000);

  it('is not rolled back over what somebody else changed', async () => {
    const world = makeWorld();
    const config = configFor(world.cluster);
    const { host, etcd } = dying(world, 3);
    await expect(runRecert(config, testMeans(host, etcd))).rejects.toThrow('killed');
    const [first] = [...world.etcd.keys.values()].filter(({ key }) => key.includes('/secrets/'));
    world.etcd.keys.set(first!.key, { ...first!, modRevision: 9999, value: Buffer.from('{}') });
    const before = state(world);
    const undone = runRecert({ ...config, rollback: true }, testMeans(world.host, world.etcd));
    await expect(undone).rejects.toThrow(`somebody else changed: ${first!.key}`);
    expect(state(world)).toEqual(before);
  });

  it('can not be rolled back when it has come to its end', async () => {
    const world = makeWorld();
    const config = configFor(world.cluster);
    await runRecert(config, testMeans(world.host, world.etcd));
    const undone = runRecert({ ...config, rollback: true }, testMeans(world.host, world.etcd));
    await expect(undone).rejects.toThrow('nothing to roll back');
  });

  it('fails when what is stored does not fit together, though nothing old is left', async () => {
    const world = makeWorld();
    const stranger = renderPrivateKeyFile(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
    // As a rule with a defect would: the renewed key of a file is another one.
    const files = guarding(world.host.files, (work) => work, [], {
      write: (path, content, options) =>
        world.host.files.write(path, withKey(Buffer.from(content).toString('utf8'), stranger), options),
    });
    const host = guarding<Host>(world.host, (work) => work, [], { files });
    const run = runRecert(configFor(world.cluster), testMeans(host, world.etcd));
    await expect(run).rejects.toThrow(/do not fit together: private key without its certificate/);
  });

  it('refuses another configuration until it is finished, and keys that changed meanwhile', async () => {
    const world = makeWorld();
    const config = configFor(world.cluster);
    const { host, etcd } = dying(world, 1);
    await expect(runRecert(config, testMeans(host, etcd))).rejects.toThrow('killed');
    const other = runRecert({ ...config, hostname: 'third' }, testMeans(world.host, world.etcd));
    await expect(other).rejects.toThrow(Failure);
    const [first] = world.etcd.keys.values();
    world.etcd.keys.set(first!.key, { ...first!, modRevision: 9999, value: Buffer.from('{}') });
    await expect(runRecert(config, testMeans(world.host, world.etcd))).rejects.toThrow(/changed in etcd/);
  });
});

/** There is one generation of material: what the journal planned is what is stored. */
function expectPlanned(world: World, journal: string): void {
  const lines = journal.trim().split('\n').slice(1);
  const steps = lines.map((line) => JSON.parse(line) as unknown).filter(Array.isArray);
  expect(steps.length).toBeGreaterThan(0);
  for (const { key, put } of steps.flat() as { key: string; put?: string }[])
    expect([key, world.etcd.keys.get(key)?.value.toString('base64')]).toEqual([key, put]);
}
