import type { LogRecord } from '#base/logger.ts';
import type { KubernetesTransport } from '#system/kubernetesTransport.ts';
import type { Clock } from './clock.ts';
import { clusterBehind, type Waiting } from './watchedCluster.ts';

/** A clock that is as late as has been slept. */
export class FakeClock implements Clock {
  #now = Date.UTC(2026, 0, 1, 14, 44);

  now(): Date {
    return new Date(this.#now);
  }

  async sleep(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
  }

  /** Since the beginning. */
  get seconds(): number {
    return (this.#now - Date.UTC(2026, 0, 1, 14, 44)) / 1000;
  }
}

/** What the API answers at that time to a path; an Error: it is away; undefined: there is nothing. */
export type FakeAnswers = (path: string, seconds: number) => object | Error | undefined;

const KINDS: Readonly<Record<string, readonly [string, string][]>> = {
  '/api/v1': [['configmaps', 'ConfigMap']],
  '/apis/config.openshift.io/v1': [
    ['clusterversions', 'ClusterVersion'],
    ['clusteroperators', 'ClusterOperator'],
  ],
  '/apis/operator.openshift.io/v1': [['etcds', 'Etcd']],
  '/apis/route.openshift.io/v1': [['routes', 'Route']],
  '/apis/metal3.io/v1alpha1': [['baremetalhosts', 'BareMetalHost']],
};
const NAMESPACED = ['configmaps', 'routes', 'baremetalhosts'];

/** A cluster of which only what matters is answered, and everything that was logged. */
export function fakeCluster(answers: FakeAnswers): { waiting: Waiting; clock: FakeClock; told: LogRecord[] } {
  const clock = new FakeClock();
  const told: LogRecord[] = [];
  const send: KubernetesTransport['send'] = async ({ path }) => {
    const known = KINDS[path];
    const resources = known?.map(([name, kind]) => ({ name, kind, namespaced: NAMESPACED.includes(name) }));
    const answer = answers(path.replace(/\?.*$/, ''), clock.seconds);
    if (answer instanceof Error) throw answer;
    const body = answer ?? (resources && { resources });
    return body === undefined ? { status: 404, body: '{}' } : { status: 200, body: JSON.stringify(body) };
  };
  const cluster = clusterBehind('https://api.test:6443', { send, close: () => {} });
  return { waiting: { cluster, clock, logger: { log: (record) => told.push(record) } }, clock, told };
}

/** What was told at these levels, one `level message` each. */
export const linesOf = (told: readonly LogRecord[], ...levels: readonly LogRecord['level'][]): string[] =>
  told.filter(({ level }) => levels.includes(level)).map(({ level, message }) => `${level} ${message}`);
