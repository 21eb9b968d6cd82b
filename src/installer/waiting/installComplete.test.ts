import { describe, expect, test } from 'vitest';
import { renderPemFile } from '#formats/pem.ts';
import { testSigner } from '#pki/testing.ts';
import { MemoryFiles } from '#system/testing.ts';
import { waitForInstall } from './installComplete.ts';
import { Stages } from './stages.ts';
import { type FakeAnswers, fakeCluster, linesOf } from './testing.ts';

const CONFIG = '/apis/config.openshift.io/v1';
const VERSION = `${CONFIG}/clusterversions/version`;
const OPERATORS = `${CONFIG}/clusteroperators`;
const ROUTER = '/api/v1/namespaces/openshift-config-managed/configmaps/default-ingress-cert';
const ROUTE = '/apis/route.openshift.io/v1/namespaces/openshift-console/routes/console';

const made = new Map<string, string>();
/** A certificate of that name, the same every time. */
function pem(name: string): string {
  const text =
    made.get(name) ?? renderPemFile('CERTIFICATE', testSigner({ commonName: name }).certificate.der);
  made.set(name, text);
  return text;
}
const kubeconfig = (ca: string): string =>
  `clusters:\n- cluster:\n    certificate-authority-data: ${Buffer.from(ca).toString('base64')}\n    server: x\n  name: c\n`;

const version = (...statuses: readonly string[]): object => ({
  status: {
    conditions: ['Available', 'Failing', 'Progressing'].map((type, i) => ({
      type,
      status: statuses[i],
      message: `${type} it is`,
    })),
  },
});
const operator = (name: string, status: string, at: number): object => ({
  metadata: { name },
  status: {
    conditions: [
      {
        type: 'Progressing',
        status,
        lastTransitionTime: new Date(Date.UTC(2026, 0, 1, 14, 44, at)).toISOString(),
      },
    ],
  },
});

const goesWell: FakeAnswers = (path, seconds) => {
  if (path === VERSION) return version('True', 'False', seconds < 10 ? 'True' : 'False');
  if (path === ROUTER) return { data: { 'ca-bundle.crt': pem('router') } };
  if (path === OPERATORS) return { items: [operator('dns', 'False', 20)] };
  return path === ROUTE ? { status: { ingress: [{ host: 'console.apps.test' }] } } : undefined;
};

async function install(answers: FakeAnswers, given: { isBareMetal?: boolean; skipsPassword?: boolean } = {}) {
  const { waiting, clock, told } = fakeCluster(answers);
  const files = new MemoryFiles({
    '/d/auth/kubeconfig': kubeconfig(pem('api')),
    '/d/auth/kubeadmin-password': 'AAAA-BBBB',
  });
  const directory = { root: '/d', files, isBareMetal: false, skipsPassword: false, ...given };
  const stages = new Stages(clock);
  const failure = await waitForInstall(waiting, directory, stages).catch((cause: unknown) => cause);
  stages.tell(waiting.logger);
  return { failure, told, clock, files };
}

describe('the end of an installation', () => {
  test('is told with what is needed to use the cluster', async () => {
    const { failure, told, files } = await install(goesWell);
    expect(failure).toBeUndefined();
    expect(linesOf(told, 'info', 'warning', 'error')).toEqual([
      'info Waiting up to 40m0s (until 3:24PM UTC) for the cluster at https://api.test:6443 to initialize...',
      'info Waiting up to 30m0s (until 3:14PM UTC) to ensure each cluster operator has finished progressing...',
      'info All cluster operators have completed progressing',
      'info Checking to see if there is a route at openshift-console/console...',
      'info Install complete!',
      'info To use the cluster with oc as system:admin, run\n    export KUBECONFIG=/d/auth/kubeconfig',
      'info Access the OpenShift web-console here: https://console.apps.test',
      'info Login to the console with user: "kubeadmin", and password: "AAAA-BBBB"',
      'info Time elapsed: 51s',
    ]);
    expect(linesOf(told, 'debug')).toEqual([
      'debug Still waiting for the cluster to initialize: Progressing it is',
      'debug Time elapsed per stage:',
      'debug Cluster Operators Available: 10s',
      'debug    Cluster Operators Stable: 41s',
    ]);
    expect(files.tree()['/d/auth/kubeconfig']).toBe(kubeconfig(pem('router') + pem('api')));
  });

  test('does not tell the password when it is not to', async () => {
    const { told } = await install(goesWell, { skipsPassword: true });
    expect(JSON.stringify(told)).not.toContain('AAAA-BBBB');
    expect(linesOf(told, 'info')).toContain(
      'info Credentials omitted, if necessary verify the /d/auth/kubeadmin-password file',
    );
  });

  test('comes without a console where there is none', async () => {
    const { failure, told, clock } = await install((path, seconds) =>
      path === ROUTE ? undefined : goesWell(path, seconds),
    );
    expect(failure).toBeUndefined();
    expect(linesOf(told, 'warning')).toEqual([
      'warning Cluster does not have a console available: Route console does not exist',
    ]);
    expect(clock.seconds).toBe(51 + 120);
  });
});

describe('an installation that fails', () => {
  test('says what the cluster version said last', async () => {
    const { failure, told, clock } = await install((path) =>
      path === VERSION ? version('False', 'True', 'True') : undefined,
    );
    expect(failure).toMatchObject({
      code: 'installer/install-failed',
      message: 'failed to initialize the cluster: Failing it is: timed out waiting for the condition',
    });
    expect(linesOf(told, 'error').at(-1)).toContain('https://docs.openshift.com/');
    expect(clock.seconds).toBe(40 * 60);
  });

  test('on bare metal has had an hour', async () => {
    const { failure, clock } = await install(() => undefined, { isBareMetal: true });
    expect(clock.seconds).toBe(60 * 60);
    expect(failure).toMatchObject({ message: expect.stringContaining('version does not exist') });
  });

  test('names the operators that do not come to rest', async () => {
    const items = [operator('dns', 'False', 0), operator('ingress', 'True', 0)];
    const { failure, clock } = await install((path, seconds) =>
      path === OPERATORS ? { items } : goesWell(path, seconds),
    );
    expect(failure).toMatchObject({
      code: 'installer/operators-unstable',
      message: 'These cluster operators were not stable: [ingress]',
    });
    expect(clock.seconds).toBe(10 + 30 * 60);
  });

  test('without the certificates of the routers says so', async () => {
    const { failure } = await install((path, seconds) =>
      path === ROUTER ? undefined : goesWell(path, seconds),
    );
    expect(failure).toMatchObject({
      message:
        'fetching default-ingress-cert configmap from openshift-config-managed namespace: ConfigMap default-ingress-cert does not exist',
    });
  });
});
