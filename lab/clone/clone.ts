import { unmountDisk } from '#machines/disk.ts';
import type { Machine, MachineSpec } from '#machines/driver.ts';
import { machineFolder } from '#machines/site.ts';
import type { LabProducts } from '../build/all.ts';
import { type ClusterFacts, gatherFacts } from '../comparison/facts.ts';
import type { Row, WantedIdentity } from '../comparison/rows.ts';
import { type DriverKind, driverOf, upInfrastructure } from '../infrastructure.ts';
import { installFromSeedImage } from '../install.ts';
import { installByIso } from '../installByIso.ts';
import type { Lab } from '../lab.ts';
import { bootMachine } from '../seed.ts';
import { createSeedImage, type SeedImage } from '../seedImage.ts';
import { readSeedRecord, SEED, type SeedRecord, seedDisk } from '../seedRecord.ts';
import { readLabState, writeLabState } from '../state.ts';
import { stopPods } from '../stopPods.ts';
import type { Timeline } from '../timeline.ts';
import { compareClusters } from './compare.ts';
import { configureClone, makeConfigImage } from './configure.ts';
import { collectInstalledSecrets, collectSeedSecrets, proveClean } from './proof.ts';
import { waitForCluster } from './waitForCluster.ts';

export interface CloneInput {
  readonly products: LabProducts;
  /** Folder of the built programs. */
  readonly executables: string;
  readonly wanted: WantedIdentity;
  /** Default `nspawn`; `qemu` boots an installation ISO and then the disk by themselves. */
  readonly driver?: DriverKind;
  /** Called with the running seed before its image is made. */
  readonly beforeSeedImage?: (seed: Machine) => Promise<void>;
}

export interface CloneOutcome {
  readonly image: SeedImage;
  /** Seconds from the configuration ISO attached to `/readyz` by the clone's new kubeconfig. */
  readonly configurationSeconds: number;
  readonly rows: readonly Row[];
}

/**
 * The main job: from the running seed to a second cluster. Both are up afterwards. Everything between the seed and the
 * target disk goes through the registry: the seed is off, and its disk detached, while the target is installed.
 */
export async function cloneSeed(lab: Lab, input: CloneInput, timeline: Timeline): Promise<CloneOutcome> {
  const { products, executables, wanted, driver = 'nspawn' } = input;
  const { networkInterface } = driverOf(lab, driver);
  const name = wanted.clusterName;
  const record = await readSeedRecord(lab);
  const registry = await upInfrastructure(lab, products);
  const seed = await runningSeed(lab);
  await timeline.stage('seed: secrets listed for the proof', (note) => collectSeedSecrets(lab, seed, note));
  await input.beforeSeedImage?.(seed);
  const image = await timeline.stage('seed image', async (note) => {
    const made = await createSeedImage(lab, seed, { identity: record.identity, executables, registry });
    note(`${(made.bytes / 1e6).toFixed(0)} MB`);
    return made;
  });
  const [, configuration] = await Promise.all([
    timeline.stage('seed: off, disk detached', () => detachSeed(lab, seed)),
    timeline.stage('configuration ISO', () => makeConfigImage(lab, executables, wanted, networkInterface)),
  ]);
  const disk = `${lab.folder}/disks/${name}.img`;
  const seedVersion = record.identity.releaseVersion;
  const installation = { name, disk, seedImage: image.pullSpec, seedVersion, executables };
  if (driver === 'qemu') {
    await installByIso(lab, products, { ...installation, address: wanted.nodeIp }, timeline);
  } else await timeline.stage('install', () => installFromSeedImage(lab, products, installation));
  await timeline.stage('installed secrets listed for the proof', () =>
    collectInstalledSecrets(lab, name, disk),
  );
  await rememberClone(lab, { wanted, driver, kubeconfig: configuration.kubeconfig });
  const [clone] = await Promise.all([
    timeline.stage('clone: boot', () => bootWaitingClone(lab, driver, { name, disk })),
    timeline.stage('seed: boot again', () => bootMachine(lab, SEED, seedDisk(lab))),
  ]);
  const configurationSeconds = await timeline.stage('clone: configured, API ready', (note) =>
    configureClone(lab, clone, { wanted, configuration, note }),
  );
  const [seedFacts, cloneFacts] = await bothReady(lab, { clone, record, wanted }, timeline);
  const rows = await timeline.stage('seed and clone compared', () =>
    compareClusters(lab, { record, wanted, configuration, seedFacts, cloneFacts }),
  );
  const proof = await timeline.stage('clone proved clean', (note) => proveClean(lab, clone, note));
  return { image, configurationSeconds, rows: [...rows, proof] };
}

async function runningSeed(lab: Lab): Promise<Machine> {
  return (await driverOf(lab).find(SEED)) ?? bootMachine(lab, SEED, seedDisk(lab));
}

/** Afterwards the seed is nothing but a file that no device and no mount refers to. */
async function detachSeed(lab: Lab, seed: Machine): Promise<void> {
  await stopPods(seed);
  await seed.powerOff();
  await unmountDisk(lab.host, seedDisk(lab), machineFolder(lab.site, SEED));
  await lab.host.files.remove(machineFolder(lab.site, SEED));
}

/** The boot does not settle: multi-user.target waits for post-pivot, which waits for its configuration. */
async function bootWaitingClone(lab: Lab, driver: DriverKind, spec: MachineSpec): Promise<Machine> {
  const machine = await driverOf(lab, driver).start(spec);
  await machine.waitForBoot({ until: 'basic' });
  return machine;
}

async function rememberClone(
  lab: Lab,
  {
    wanted,
    driver,
    kubeconfig,
  }: { readonly wanted: WantedIdentity; readonly driver: DriverKind; readonly kubeconfig: string },
): Promise<void> {
  const state = await readLabState(lab);
  if (state === undefined) throw new Error(`lab ${lab.name} lost its state`);
  const clone = {
    name: wanted.clusterName,
    role: 'clone' as const,
    driver,
    address: wanted.nodeIp,
    clusterName: wanted.clusterName,
    baseDomain: wanted.baseDomain,
    kubeconfig,
  };
  await writeLabState(lab, { ...state, machines: [...state.machines, clone] });
}

async function bothReady(
  lab: Lab,
  { clone, record, wanted }: { clone: Machine; record: SeedRecord; wanted: WantedIdentity },
  timeline: Timeline,
): Promise<[ClusterFacts, ClusterFacts]> {
  const seed = await runningSeed(lab);
  await Promise.all([
    timeline.stage('clone: node ready, workload answers', () =>
      waitForCluster(lab, clone, {
        hostname: wanted.hostname,
        nodeIp: wanted.nodeIp,
        workload: record.workload,
      }),
    ),
    timeline.stage('seed: back in service', () =>
      waitForCluster(lab, seed, { ...record.identity, workload: record.workload }),
    ),
  ]);
  return Promise.all([gatherFacts(seed.host), gatherFacts(clone.host)]);
}
