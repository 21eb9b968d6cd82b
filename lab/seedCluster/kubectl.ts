import { Failure } from '#base/failure.ts';
import type { Host, RunResult } from '#system/host.ts';
import type { KubeObject } from './objects/kubeObject.ts';
import { STATIC_POD_RESOURCES } from './podPlans.ts';
import type { Answer } from './readiness.ts';

const KUBECONFIG = `${STATIC_POD_RESOURCES}/kube-apiserver-certs/secrets/node-kubeconfigs/localhost.kubeconfig`;
/** Away from /root: that is part of /var and would travel in a seed image (lab-chain.md, pitfall 6). */
const CACHE = '/run/sower-kubectl';

const SEQUENCES = 4;

/** kubectl inside a control-plane node, as its administrator. */
export class Kubectl {
  readonly #host: Pick<Host, 'run'>;

  constructor(host: Pick<Host, 'run'>) {
    this.#host = host;
  }

  run(
    args: readonly string[],
    options: { input?: string; okCodes?: readonly number[] } = {},
  ): Promise<RunResult> {
    const argv = ['kubectl', `--kubeconfig=${KUBECONFIG}`, `--cache-dir=${CACHE}`, '--request-timeout=60s'];
    return this.#host.run([...argv, ...args], options);
  }

  /** For readiness checks: the standard output if kubectl succeeds and `accepts` takes it, else what went wrong. */
  async ask(args: readonly string[], accepts: (output: string) => boolean = () => true): Promise<Answer> {
    const { code, stdout, stderr } = await this.run(args, { okCodes: [0, 1] });
    if (code === 0 && accepts(stdout)) return undefined;
    return (code === 0 ? stdout : stderr).trim() || 'nothing';
  }

  /**
   * Creates objects that don't need each other, in several sequences at once: kubectl sends an object when the one
   * before it is on etcd's disk. The earlier ones of the list still come earlier.
   */
  async createTogether(objects: readonly KubeObject[]): Promise<void> {
    const sequences = Array.from({ length: SEQUENCES }, (_, first) =>
      objects.filter((_object, i) => i % SEQUENCES === first),
    );
    await Promise.all(sequences.filter(({ length }) => length > 0).map((sequence) => this.create(sequence)));
  }

  /**
   * Creates the objects in their order; those that exist already are left as they are. Never `apply`: its annotation
   * would keep a second copy of every Secret. Failure `lab/object-refused` with the API server's words.
   */
  async create(objects: readonly KubeObject[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const { code, stderr } = await this.run(['create', '--validate=false', '-f', '-'], {
      input: list,
      okCodes: [0, 1],
    });
    const refused = stderr
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.includes('(AlreadyExists)'));
    if (code === 0 || refused.length === 0) return;
    throw new Failure({
      code: 'lab/object-refused',
      message: `the API server refused objects of the seed cluster: ${refused.slice(0, 10).join('; ')}`,
    });
  }
}
