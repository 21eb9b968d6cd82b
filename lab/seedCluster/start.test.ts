import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { runSteps } from '#base/step.ts';
import type { RunOptions } from '#system/host.ts';
import { MemoryHost } from '#system/testing.ts';
import { Kubectl } from './kubectl.ts';
import { configMap, type KubeObject } from './objects/kubeObject.ts';
import { waitUntilReady } from './readiness.ts';
import { makeSeedCluster, type SeedCluster } from './seedCluster.ts';
import { startSteps } from './start.ts';
import { CheapKeys, testIdentity, testWorkload } from './testing.ts';
import { showsValues } from './workload.ts';

/** Answers as a cluster where everything works at once, and keeps what was created. */
class WorkingCluster {
  readonly created: string[] = [];
  readonly #cluster: SeedCluster;

  constructor(cluster: SeedCluster) {
    this.#cluster = cluster;
  }

  answer = (argv: readonly string[], { input }: RunOptions) => {
    const words = argv.join(' ');
    const { identity, objects, workload } = this.#cluster;
    if (argv[0] === 'getent') return { stdout: `${identity.nodeIp}  STREAM ${argv[2]}\n` };
    if (words.includes('--raw=/readyz')) return { stdout: 'ok' };
    if (words.includes('get crd')) {
      return { stdout: objects.definitions.map(({ metadata }) => `${metadata.name}=True`).join(' ') };
    }
    if (words.includes('get node')) return { stdout: 'True kubelet is posting ready status' };
    if (words.includes('get secret')) return { stdout: JSON.stringify({ data: { token: 'YS5iLmM=' } }) };
    if (words.includes(' create ')) {
      const { items } = JSON.parse(String(input)) as { items: { kind: string }[] };
      this.created.push(...items.map(({ kind }) => kind));
    }
    if (argv[0] !== 'curl') return {};
    const page = [
      `/etc/web/secret/value: ${workload.secretValue}`,
      `/etc/web/config/value: ${workload.configValue}`,
    ];
    return { stdout: `pod: x\n${page.join('\n')}\n` };
  };
}

describe('start', () => {
  let cluster: SeedCluster;
  beforeAll(async () => {
    const sources = { keys: new CheapKeys(), madeAt: new Date('2026-03-04T05:06:07Z') };
    cluster = await makeSeedCluster({ identity: testIdentity(), workload: testWorkload, ...sources });
  });

  it('creates custom resources after their definitions and webhooks last', async () => {
    const working = new WorkingCluster(cluster);
    const host = new MemoryHost({}, working.answer);
    await runSteps(startSteps(host, cluster), { clock: () => 0 });
    const first = (kind: string) => working.created.indexOf(kind);
    expect(first('CustomResourceDefinition')).toBeLessThan(first('ClusterVersion'));
    expect(first('Namespace')).toBe(0);
    expect(working.created.slice(-cluster.objects.webhooks.length)).toEqual(
      cluster.objects.webhooks.map(({ kind }) => kind),
    );
  });

  it('starts the kubelet only when the names resolve', async () => {
    const host = new MemoryHost({}, new WorkingCluster(cluster).answer);
    await runSteps(startSteps(host, cluster), { clock: () => 0 });
    const programs = host.commands.map(([program]) => program);
    expect(programs.indexOf('getent')).toBeLessThan(programs.indexOf('systemctl'));
  });
});

describe('Kubectl', () => {
  const object = configMap({ name: 'a', namespace: 'b' }, {});

  it('takes objects that exist already', async () => {
    const stderr =
      'Error from server (AlreadyExists): error when creating "STDIN": configmaps "a" already exists\n';
    const kubectl = new Kubectl(new MemoryHost({}, () => ({ code: 1, stderr })));
    await expect(kubectl.create([object])).resolves.toBeUndefined();
  });

  it('creates each of several objects once, however few they are', async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(names, async (wanted) => {
        const created: string[] = [];
        const host = new MemoryHost({}, (_argv, { input }) => {
          const { items } = JSON.parse(String(input)) as { items: KubeObject[] };
          expect(items).not.toEqual([]);
          created.push(...items.map(({ metadata }) => metadata.name));
          return {};
        });
        await new Kubectl(host).createTogether(wanted.map((name) => configMap({ name, namespace: 'b' }, {})));
        expect(created.sort()).toEqual(wanted.sort());
      }),
    );
  });

  it('says what the API server refuses', async () => {
    const stderr = '(AlreadyExists) x\nError from server (Forbidden): namespace is being terminated\n';
    const kubectl = new Kubectl(new MemoryHost({}, () => ({ code: 1, stderr })));
    await expect(kubectl.create([object])).rejects.toMatchObject({
      code: 'lab/object-refused',
      message: expect.stringContaining('being terminated'),
    });
  });
});

describe('readiness', () => {
  it('asks again until it is so', async () => {
    const answers = ['not yet', undefined];
    const check = { name: 'it is so', timeoutSeconds: 10, everySeconds: 0, ask: async () => answers.shift() };
    await expect(waitUntilReady(check)).resolves.toBeUndefined();
    expect(answers).toEqual([]);
  });

  it('fails with what was waited for and the last answer', async () => {
    const check = { name: 'the sky is green', timeoutSeconds: 0, ask: async () => 'blue' };
    await expect(waitUntilReady(check)).rejects.toMatchObject({
      code: 'lab/not-ready',
      message: 'waited 0 s until the sky is green; last answer: blue',
    });
  });
});

describe('the user workload', () => {
  it('is recognised by both of its values', () => {
    const page = `/etc/web/secret/value: ${testWorkload.secretValue}\n/etc/web/config/value: `;
    expect(showsValues(`${page}${testWorkload.configValue}\n`, testWorkload)).toBe(true);
    expect(showsValues(`${page}another\n`, testWorkload)).toBe(false);
    expect(showsValues('', testWorkload)).toBe(false);
  });
});
