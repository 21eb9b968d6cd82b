import { createHash } from 'node:crypto';
import { type BackgroundWork, backgroundWork } from '#base/backgroundWork.ts';
import { Failure } from '#base/failure.ts';
import { Journal } from '#base/journal.ts';
import { info, warn } from '#base/logger.ts';
import { renderProblem } from '#base/report.ts';
import { runSteps, type Step, type StepObserver, type StepRunner } from '#base/step.ts';
import { journalFile } from '#system/journalFile.ts';
import type { KubernetesApi } from '#system/kubernetesApi.ts';
import { systemd } from '#system/systemd.ts';
import { recordFailure, refuseEndlessCuts, waitForTurn } from './attempts.ts';
import { filesIn, installConfigurationTree } from './configurationTree.ts';
import { clearConsole, tellConsole } from './console.ts';
import { CERT_MANAGER_KEYS, JOURNAL, NODE_KUBECONFIG, SEED_MANIFEST, UNIT, WORK_DIRECTORY } from './paths.ts';
import type { PostPivotWorld } from './postPivot.ts';
import { hasPristineCopy, makePristineCopy } from './pristine/pristineCopy.ts';
import { finishStartedReset } from './pristine/reset.ts';
import { computeProxy } from './proxy.ts';
import { CRYPTO_DIRECTORIES, CRYPTO_FILES, CUSTOMIZATION_FILES, type Identity } from './recertDocument.ts';
import { noteRefusal } from './refusals.ts';
import { ResultFile, readResult, rounded } from './resultFile.ts';
import { sshMachineConfigs } from './sshAccess.ts';
import { grantSshAccess, trustUserBundle, writePullSecret } from './steps/access.ts';
import { applyManifests, applySshKeys } from './steps/applyManifests.ts';
import * as cluster from './steps/cluster.ts';
import { configureTime, hasSshHostKeys, installSshHostKeys } from './steps/hostServices.ts';
import { removeConfiguration, removeSeedLeftovers } from './steps/leftovers.ts';
import { activateLvm } from './steps/lvm.ts';
import { applyNetwork, currentHostname, setHostname } from './steps/network.ts';
import { resolveClusterNames, resolveNodeIps, writeNodeIpHint } from './steps/nodeAddress.ts';
import { rebuildEtcd, recertify } from './steps/recert.ts';
import { type Configuration, validateConfiguration } from './validate.ts';
import { waitForConfiguration } from './waitForConfiguration.ts';

/**
 * First boot of a host that was installed from a seed image: waits for its configuration, then makes the seed's cluster
 * on its disk the one that the configuration describes, and starts it (lifecycle-agent 11).
 *
 * Nothing is changed before all of the configuration is known to be good. An attempt that was cut off, at any point, is
 * finished by the next one. Throws the Failure of the step that did not succeed; the result file says the same.
 */
export async function runPostPivot(world: PostPivotWorld, observer?: StepObserver): Promise<void> {
  await finishStartedReset(world);
  const before = await readResult(world.host.files);
  if (before !== undefined) await refuseEndlessCuts(world, before);
  if (before?.outcome === 'finishing' || before?.outcome === 'succeeded') {
    return finish(world, ResultFile.resume(world, before), observer);
  }
  await waitForTurn(world, before);
  const { configuration, seenAt } = await readConfiguration(world);
  const result = await ResultFile.start(world, configuration, { before, seenAt });
  await tellConsole(world, ['This host is being configured. Do not switch it off.']);
  const { userCaBundle } = configuration.target.additionalTrustBundle;
  const trust = backgroundWork(() => trustUserBundle(world, userCaBundle));
  try {
    const journal = await Journal.open(journalFile(world.host.files, JOURNAL), () => world.now());
    const runner: StepRunner = { clock: () => world.clock(), journal, observer: result.observer(observer) };
    await runSteps(hostSteps(world, configuration, { result, trust }), runner);
    const identity = await planIdentity(world, configuration, result.nodeIps);
    await runSteps(identitySteps(world, configuration, { identity, trust }), runner);
    await runSteps([kubeletStep(world, result, seenAt)], runner);
    const api = await world.connect(NODE_KUBECONFIG);
    try {
      await runSteps(clusterSteps(world, configuration, api), runner);
    } finally {
      api.close();
    }
  } catch (error) {
    await trust.cancel();
    throw await recordFailure(world, result, error);
  }
  await finish(world, result, observer);
}

/** Read and checked as a whole; on its volume it stays until it is known to be good. */
async function readConfiguration(
  world: PostPivotWorld,
): Promise<{ readonly configuration: Configuration; readonly seenAt: number }> {
  const { files } = world.host;
  const found = await waitForConfiguration(world);
  const seedText = await files.readIfExists(SEED_MANIFEST);
  if (seedText === undefined) throw notFromSeed();
  const facts = {
    hostname: await currentHostname(world),
    hasNmstate: await world.host.has('nmstatectl'),
  };
  let configuration: Configuration;
  try {
    configuration = validateConfiguration(found.tree, seedText.toString('utf8'), facts);
  } catch (error) {
    await noteRefusal(world, found.tree, error);
    throw error;
  }
  for (const problem of configuration.warnings) warn(world.logger, renderProblem(problem));
  if (!found.isInstalled) await installConfigurationTree(files, found.tree);
  return { configuration, seenAt: found.seenAt };
}

/** First what `reset` needs. Access, network and names: each looks at the host and changes only what differs. */
function hostSteps(
  world: PostPivotWorld,
  configuration: Configuration,
  { result, trust }: { readonly result: ResultFile; readonly trust: BackgroundWork },
): Step[] {
  const { target, hostname } = configuration;
  return [
    { name: 'pristine copy', isDone: () => hasPristineCopy(world), run: () => makePristineCopy(world) },
    { name: 'CA trust: begin', run: async () => trust.start() }, // takes seconds, and is needed by pulls only
    { name: 'ssh access', run: () => grantSshAccess(world, target.ssh_key) },
    { name: 'pull secret', run: () => writePullSecret(world, target.pull_secret) },
    { name: 'network', run: () => applyNetwork(world, configuration) },
    { name: 'hostname', run: () => setHostname(world, hostname) },
    { name: 'node IP hint', run: () => writeNodeIpHint(world, target.machine_networks) },
    {
      name: 'node IPs',
      run: async () => result.update({ node_ips: await resolveNodeIps(world, configuration) }),
    },
  ];
}

/** The cluster's identity, while nothing of it runs. The steps that can't be repeated are kept in the journal. */
function identitySteps(
  world: PostPivotWorld,
  configuration: Configuration,
  { identity, trust }: { readonly identity: Identity; readonly trust: BackgroundWork },
): Step[] {
  const { target } = configuration;
  const once = { input: digestOf(configuration, identity.nodeIps) };
  return [
    { name: 'cluster names', run: () => resolveClusterNames(world, configuration, identity.nodeIps) },
    { name: 'recert', once, run: () => recertify(world, identity) },
    { name: 'etcd data directory', once, run: () => rebuildEtcd(world, identity) },
    { name: 'time', run: () => configureTime(world, target.chrony_config) },
    { name: 'ssh host keys', run: () => installSshHostKeys(world, target.server_ssh_keys) },
    { name: 'seed leftovers', once, run: () => removeSeedLeftovers(world) },
    { name: 'CA trust: end', run: () => trust.finish() },
  ];
}

/** With it the cluster begins to run. */
const kubeletStep = (world: PostPivotWorld, result: ResultFile, seenAt: number): Step => ({
  name: 'kubelet',
  run: async () => {
    await cluster.startKubelet(world);
    await result.update({ seconds_to_kubelet: rounded(world.clock() - seenAt) });
  },
});

/** The cluster runs. */
function clusterSteps(world: PostPivotWorld, configuration: Configuration, api: KubernetesApi): Step[] {
  const { target, manifests, extraManifests } = configuration;
  return [
    { name: 'API', run: () => cluster.waitForApi(world, api) },
    { name: 'old mirrors', run: () => cluster.deleteSeedMirrors(world, api, configuration) },
    { name: 'manifests', run: () => applyManifests(world, api, manifests) },
    { name: 'ssh keys', run: () => applySshKeys(world, api, target.ssh_key) },
    { name: 'extra manifests', run: () => applyManifests(world, api, extraManifests) },
    {
      name: 'release registry',
      run: () => cluster.setReleaseRegistry(world, api, configuration),
    },
    { name: 'cluster ID', run: () => cluster.setClusterId(world, api, target.cluster_id) },
    { name: 'node labels', run: () => cluster.setNodeLabels(world, api, configuration) },
    { name: 'LVM', run: () => activateLvm(world, configuration) },
  ];
}

/**
 * The unit is disabled last: until then it comes again and finishes. The result file is what it goes by, as the
 * configuration itself is removed here.
 */
async function finish(world: PostPivotWorld, result: ResultFile, observer?: StepObserver): Promise<void> {
  await result.succeed('finishing');
  await runSteps([{ name: 'clean up', run: () => removeConfiguration(world) }], {
    clock: () => world.clock(),
    observer: result.observer(observer),
  });
  await result.succeed('succeeded');
  await clearConsole(world);
  await systemd(world.host).disable(UNIT);
  info(world.logger, 'the cluster has its own identity and answers');
}

async function planIdentity(
  world: PostPivotWorld,
  { seed, target, hostname, tree, manifests, extraManifests }: Configuration,
  nodeIps: readonly string[],
): Promise<Identity> {
  const existing = new Set<string>();
  for (const path of [...CRYPTO_DIRECTORIES, ...CRYPTO_FILES, ...CUSTOMIZATION_FILES]) {
    if (await world.host.files.exists(path)) existing.add(path);
  }
  return {
    ...{ seed, target, hostname, nodeIps, existing },
    proxy: computeProxy(target, seed),
    manifests: [...manifests, ...sshMachineConfigs(target.ssh_key), ...extraManifests],
    certManagerKeys: filesIn(tree, CERT_MANAGER_KEYS).map(
      ([name]) => `${WORK_DIRECTORY}/${CERT_MANAGER_KEYS}/${name}`,
    ),
    regenerateSshHostKeys: target.server_ssh_keys.length === 0 && (await hasSshHostKeys(world)),
  };
}

/** What the irreversible steps work on; a configuration that was changed after them is refused. */
const digestOf = ({ seed, target, hostname }: Configuration, nodeIps: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([seed, target, hostname, nodeIps]))
    .digest('hex');

const notFromSeed = (): Failure =>
  new Failure({
    code: 'postpivot/no-seed-data',
    message: `${SEED_MANIFEST} is missing: this host was not installed from a seed image, or is configured already`,
    hint: `nothing was changed; if the cluster runs, disable ${UNIT}`,
  });
