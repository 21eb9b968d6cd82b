import type { Step } from '#base/step.ts';
import type { Host } from '#system/host.ts';
import { apiIntName, type SeedIdentity } from './identity.ts';
import { Kubectl } from './kubectl.ts';
import { waitUntilReady } from './readiness.ts';
import { layRecoveryTokens } from './recoveryTokens.ts';
import type { NodeMarks, SeedCluster, SeedObjects } from './seedCluster.ts';
import { workloadAnswers } from './workloadAnswers.ts';

/** Long enough for a busy machine; on two free cores everything is there in less than one minute. */
const PATIENCE_SECONDS = 300;

/**
 * From a booted host with the assets on its disk to a cluster whose user workload answers. The steps are repeatable;
 * run them in order. `host` runs programs inside the machine.
 */
export function startSteps(host: Pick<Host, 'run'>, cluster: SeedCluster): Step[] {
  const kubectl = new Kubectl(host);
  const { identity, objects, workload } = cluster;
  return [
    { name: 'names resolve', run: () => namesResolve(host, identity) },
    { name: 'kubelet', run: async () => void (await host.run(['systemctl', 'enable', '--now', 'kubelet'])) },
    { name: 'API server', run: () => apiServerReady(kubectl) },
    { name: 'objects', run: () => createObjects(kubectl, objects) },
    { name: 'node', run: () => nodeReady(kubectl, identity, cluster.node) },
    { name: 'recovery tokens', run: () => layRecoveryTokens(host, kubectl) },
    { name: 'user workload', run: () => workloadAnswers(host, identity.nodeIp, workload) },
  ];
}

/** dnsmasq on the node answers the cluster's names; a pod that starts earlier keeps a resolv.conf without it. */
function namesResolve(host: Pick<Host, 'run'>, identity: SeedIdentity): Promise<void> {
  const name = apiIntName(identity);
  return waitUntilReady({
    name: `${name} resolves to ${identity.nodeIp} on the node`,
    timeoutSeconds: PATIENCE_SECONDS,
    everySeconds: 0.2,
    ask: async () => {
      const { stdout } = await host.run(['getent', 'ahostsv4', name], { okCodes: [0, 2] });
      return stdout.split(/\s/)[0] === identity.nodeIp ? undefined : stdout.trim() || 'no address';
    },
  });
}

function apiServerReady(kubectl: Kubectl): Promise<void> {
  return waitUntilReady({
    name: 'the API server is ready',
    timeoutSeconds: PATIENCE_SECONDS,
    ask: () => kubectl.ask(['get', '--raw=/readyz'], (answer) => answer === 'ok'),
  });
}

async function createObjects(kubectl: Kubectl, objects: SeedObjects): Promise<void> {
  await Promise.all([kubectl.createTogether(objects.namespaces), kubectl.create(objects.definitions)]);
  await Promise.all([
    kubectl.create(objects.first),
    kubectl.createTogether(objects.namespaced),
    createCustomObjects(kubectl, objects),
  ]);
  await kubectl.create(objects.webhooks);
}

/** One list is asked again and again: `kubectl wait` asks for each definition and is throttled to five a second. */
async function createCustomObjects(kubectl: Kubectl, { definitions, custom }: SeedObjects): Promise<void> {
  const condition = '{.metadata.name}{"="}{.status.conditions[?(@.type=="Established")].status}{" "}';
  const list = ['get', 'crd', `--output=jsonpath={range .items[*]}${condition}{end}`];
  await waitUntilReady({
    name: 'all custom resource definitions are established',
    timeoutSeconds: PATIENCE_SECONDS,
    everySeconds: 0.3,
    ask: () =>
      kubectl.ask(list, (output) => {
        const established = new Set(output.split(' '));
        return definitions.every(({ metadata }) => established.has(`${metadata.name}=True`));
      }),
  });
  await kubectl.create(custom);
}

async function nodeReady(kubectl: Kubectl, { hostname }: SeedIdentity, marks: NodeMarks): Promise<void> {
  await waitUntilReady({
    name: `node ${hostname} is registered and carries its labels`,
    timeoutSeconds: PATIENCE_SECONDS,
    ask: () => kubectl.ask(['patch', 'node', hostname, `--patch=${JSON.stringify({ metadata: marks })}`]),
  });
  const condition =
    '{.status.conditions[?(@.type=="Ready")].status} {.status.conditions[?(@.type=="Ready")].message}';
  await waitUntilReady({
    name: `node ${hostname} is Ready`,
    timeoutSeconds: PATIENCE_SECONDS,
    ask: () =>
      kubectl.ask(['get', 'node', hostname, `--output=jsonpath=${condition}`], (status) =>
        status.startsWith('True'),
      ),
  });
}
