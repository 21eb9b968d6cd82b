import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RecertConfig } from '#api/recertConfig.ts';
import { secretObject } from '#recert/testing.ts';
import { cloneOf, generateCluster, writeKeyPool } from '#tests/contract/fixtureCluster.ts';
import { type NodeContents, RecertNode } from '#tests/contract/recertNode.ts';
import { row, type Section, seconds } from './section.ts';

/** What one run of recert cost. */
interface RecertRun {
  readonly seconds: number;
  readonly peakMegabytes: number;
}

interface RecertFigures {
  /** The generator's cluster as it is. */
  readonly plain: RecertRun;
  /** With keys that were made before. */
  readonly pooled: RecertRun;
  /** The same with 20 namespaces that have a bundle of 140 public certificates. */
  readonly bundled: RecertRun;
  /** By number of keys in etcd. */
  readonly grown: readonly (RecertRun & { readonly keys: number })[];
}

const BUNDLES = 20;
const SIZES = [2500, 5000, 10_000, 20_000];
const SECRET_BYTES = 15_000;
/** More than the generator's cluster has. */
const POOL_KEYS = 90;
const PEAK = /^VmHWM:\s+(\d+) kB/m;

/** Bars: the figures of the original are in its specification. */
export const recertSection: Section = {
  name: 'recert',
  title: 'recert, the proof included',
  async run({ executables }) {
    const { plain, pooled, bundled, grown } = await measureRecert(join(executables, 'recert'));
    row("the generator's cluster", seconds(plain.seconds), 'bar 4 s (the original: 132 to 174 s)');
    row('with keys made before', seconds(pooled.seconds), 'bar 1 s');
    const more = seconds(bundled.seconds - pooled.seconds);
    row('20 public bundles more', `+${more}`, 'bar +1 s (the original: +158 s)');
    for (const [index, size] of grown.entries()) {
      const before = grown[index - 1];
      const ratio =
        before === undefined ? '' : `, ${(size.seconds / before.seconds).toFixed(1)} times, bar 2.2`;
      const peak = `${size.peakMegabytes.toFixed(0)} MB, bar 600`;
      row(`${size.keys} keys in etcd`, seconds(size.seconds), `${peak}${ratio}`);
    }
  },
};

/** Measures recert on clusters of the generator, each on an etcd of its own that runs already. */
async function measureRecert(program: string): Promise<RecertFigures> {
  const work = mkdtempSync('/var/tmp/sower-bench-recert-');
  try {
    const pool = join(work, 'pool.pem');
    await writeKeyPool(pool, POOL_KEYS);
    const cluster = await generateCluster(join(work, 'default'));
    const bundles = await generateCluster(join(work, 'bundles'), ['--bundles', String(BUNDLES)]);
    const measure = (contents: NodeContents, more: RecertConfig) => measureRun(program, contents, more);
    const grown: (RecertRun & { keys: number })[] = [];
    const figures = {
      plain: await measure(cluster, {}),
      pooled: await measure(cluster, { key_pool: pool }),
      bundled: await measure(bundles, { key_pool: pool }),
    };
    for (const keys of SIZES)
      grown.push({ keys, ...(await measure(withWorkloads(cluster, keys), { key_pool: pool })) });
    return { ...figures, grown };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function measureRun(program: string, contents: NodeContents, more: RecertConfig): Promise<RecertRun> {
  const node = new RecertNode(contents, [program]);
  try {
    await node.fill();
    return await node.withEtcd((_, etcd_endpoint) => {
      const config = node.writeConfig({ ...cloneOf((path) => node.at(path)), ...more, etcd_endpoint });
      return timed(node.start(config));
    });
  } finally {
    await node.remove();
  }
}

async function timed(child: ChildProcess): Promise<RecertRun> {
  const started = performance.now();
  let peakKilobytes = 0;
  const watch = setInterval(() => {
    peakKilobytes = peakOf(child.pid) ?? peakKilobytes;
  }, 10);
  child.stdout?.resume();
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  if (code !== 0) throw new Error(`recert ended with ${code}: ${complaint}`);
  return { seconds, peakMegabytes: peakKilobytes / 1000 };
}

/** The most memory that a process has held so far; undefined once it has ended. */
function peakOf(pid: number | undefined): number | undefined {
  try {
    const [, kilobytes] = PEAK.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes);
  } catch {
    return undefined;
  }
}

/** The cluster with as many Secrets of workloads as it takes to have `keys` keys; every third holds its certificates. */
function withWorkloads(cluster: NodeContents, keys: number): NodeContents {
  const objects = [...cluster.objects];
  const [bundle = ''] = Object.entries(cluster.files)
    .filter(([path]) => path.endsWith('/configmaps/client-ca/ca-bundle.crt'))
    .map(([, text]) => text);
  return { ...cluster, objects: grow() };

  function* grow(): Generator<readonly [string, Buffer]> {
    yield* objects;
    for (let index = 0; index < keys - objects.length; index++) {
      const namespace = `workload-${index % 100}`;
      const name = `data-${index}`;
      const certificates = index % 3 === 0 ? bundle : '';
      const filler = randomBytes(SECRET_BYTES - certificates.length);
      // Bytes as programs keep them, and text as people do.
      const content = index % 2 === 0 ? filler : filler.toString('base64').slice(0, filler.length);
      const data = { ...(certificates && { 'ca.crt': certificates }), content };
      yield [`/kubernetes.io/secrets/${namespace}/${name}`, secretObject(namespace, name, data)];
    }
  }
}
