import type { PostPivotResult } from '#api/postPivotResult.ts';
import type { Machine, MachineSpec } from '#machines/driver.ts';
import { RESULT } from '#postpivot/paths.ts';
import { type ClusterFacts, gatherFacts } from '../comparison/facts.ts';
import type { Row, WantedIdentity } from '../comparison/rows.ts';
import { type DriverKind, driverOf } from '../infrastructure.ts';
import { installFromSeedImage } from '../install.ts';
import { installByIso } from '../installByIso.ts';
import type { Lab } from '../lab.ts';
import type { SeedImage } from '../seedImage.ts';
import { changeLabState, cloneDisk } from '../state.ts';
import type { Timeline } from '../timeline.ts';
import { compareClusters } from './compare.ts';
import { type ConfigImage, configureClone, makeConfigImage } from './configure.ts';
import { collectInstalledSecrets, proveClean } from './proof.ts';
import type { CloneSource } from './source.ts';
import { waitForCluster } from './waitForCluster.ts';

/** One of the clones that are made at the same time. */
export interface Member {
  readonly wanted: WantedIdentity;
  /** Has the stages of this clone alone. */
  readonly timeline: Timeline;
}

export interface CloneOutcome {
  readonly image: SeedImage;
  /** Seconds from the configuration ISO attached to `/readyz` by the clone's new kubeconfig. */
  readonly configurationSeconds: number;
  /** What the host says itself: from its configuration seen until the kubelet was started. */
  readonly secondsToKubelet: number;
  readonly rows: readonly Row[];
}

/** The first half of a clone: its disk is installed from the registry, while the seed is off. */
export async function installMember(
  lab: Lab,
  source: CloneSource,
  { wanted, timeline }: Member,
  seedOff: Promise<void>,
): Promise<ConfigImage> {
  const { driver, image, executables, products, record } = source;
  const { networkInterface } = driverOf(lab, driver);
  const [configuration] = await Promise.all([
    timeline.stage('configuration ISO', () => makeConfigImage(lab, executables, wanted, networkInterface)),
    seedOff,
  ]);
  const name = wanted.clusterName;
  const disk = cloneDisk(lab, name);
  const seedVersion = record.identity.releaseVersion;
  const installation = { name, disk, seedImage: image.pullSpec, seedVersion, executables };
  if (driver === 'qemu') {
    await installByIso(lab, products, { ...installation, address: wanted.nodeIp }, timeline);
  } else await timeline.stage('install', () => installFromSeedImage(lab, products, installation));
  await timeline.stage('installed secrets listed for the proof', () =>
    collectInstalledSecrets(lab, name, disk),
  );
  await rememberClone(lab, wanted, driver, configuration.kubeconfig);
  return configuration;
}

/** The second half: boots, gets its configuration, and is held against the seed, which is back by then. */
export async function bringUpMember(
  lab: Lab,
  { driver, image, record }: CloneSource,
  { wanted, timeline }: Member,
  options: { readonly configuration: ConfigImage; readonly seedBack: Promise<ClusterFacts> },
): Promise<CloneOutcome> {
  const { configuration, seedBack } = options;
  const { clusterName: name, hostname, nodeIp } = wanted;
  const { workload } = record;
  const clone = await timeline.stage('clone: boot', () =>
    bootWaitingClone(lab, driver, { name, disk: cloneDisk(lab, name) }),
  );
  const configurationSeconds = await timeline.stage('clone: configured, API ready', (note) =>
    configureClone(lab, clone, { wanted, configuration, note }),
  );
  await timeline.stage('clone: node ready, workload answers', () =>
    waitForCluster(lab, clone, { hostname, nodeIp, workload }),
  );
  const secondsToKubelet = await readSecondsToKubelet(clone);
  const seedFacts = await seedBack;
  const rows = await timeline.stage('seed and clone compared', async () => {
    const cloneFacts = await gatherFacts(clone.host);
    return compareClusters(lab, { record, wanted, configuration, seedFacts, cloneFacts });
  });
  const proof = await timeline.stage('clone proved clean', (note) => proveClean(lab, clone, note));
  return { image, configurationSeconds, secondsToKubelet, rows: [...rows, proof] };
}

async function readSecondsToKubelet({ host }: Machine): Promise<number> {
  const { stdout } = await host.run(['cat', RESULT]);
  return (JSON.parse(stdout) as PostPivotResult).seconds_to_kubelet ?? Number.NaN;
}

/** The boot does not settle: multi-user.target waits for post-pivot, which waits for its configuration. */
async function bootWaitingClone(lab: Lab, driver: DriverKind, spec: MachineSpec): Promise<Machine> {
  const machine = await driverOf(lab, driver).start(spec);
  await machine.waitForBoot({ until: 'basic' });
  return machine;
}

function rememberClone(
  lab: Lab,
  { clusterName, baseDomain, nodeIp }: WantedIdentity,
  driver: DriverKind,
  kubeconfig: string,
): Promise<void> {
  const role = 'clone';
  const clone = {
    name: clusterName,
    role,
    driver,
    address: nodeIp,
    clusterName,
    baseDomain,
    kubeconfig,
  } as const;
  return changeLabState(lab, (state) => ({ ...state, machines: [...state.machines, clone] }));
}
