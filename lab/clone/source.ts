import { unmountDisk } from '#machines/disk.ts';
import type { Machine } from '#machines/driver.ts';
import { machineFolder } from '#machines/site.ts';
import type { LabProducts } from '../build/all.ts';
import { type ClusterFacts, gatherFacts } from '../comparison/facts.ts';
import { type DriverKind, driverOf, upInfrastructure } from '../infrastructure.ts';
import type { Lab } from '../lab.ts';
import { bootMachine } from '../seed.ts';
import { createSeedImage, type SeedImage } from '../seedImage.ts';
import { readSeedRecord, SEED, type SeedRecord, seedDisk } from '../seedRecord.ts';
import { stopPods } from '../stopPods.ts';
import type { Timeline } from '../timeline.ts';
import { collectSeedSecrets } from './proof.ts';
import { waitForCluster } from './waitForCluster.ts';

export interface SourceInput {
  readonly products: LabProducts;
  /** Folder of the built programs. */
  readonly executables: string;
  /** Default `nspawn`; `qemu` boots an installation ISO and then the disk by themselves. */
  readonly driver?: DriverKind;
  /** Called with the running seed before its image is made. */
  readonly beforeSeedImage?: (seed: Machine) => Promise<void>;
}

/** What any number of clones is made from. */
export interface CloneSource {
  readonly products: LabProducts;
  readonly executables: string;
  readonly driver: DriverKind;
  readonly record: SeedRecord;
  readonly image: SeedImage;
}

/** Makes the image of the seed, which runs on, and pushes it to the lab's registry. */
export async function makeSource(lab: Lab, input: SourceInput, timeline: Timeline): Promise<CloneSource> {
  const { products, executables, driver = 'nspawn' } = input;
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
  return { products, executables, driver, record, image };
}

/** Afterwards the seed is nothing but a file that no device and no mount refers to. */
export function detachSeed(lab: Lab, timeline: Timeline): Promise<void> {
  return timeline.stage('seed: off, disk detached', async () => {
    const seed = await runningSeed(lab);
    await stopPods(seed);
    await seed.powerOff();
    await unmountDisk(lab.host, seedDisk(lab), machineFolder(lab.site, SEED));
    await lab.host.files.remove(machineFolder(lab.site, SEED));
  });
}

/** Boots the seed again and tells what its cluster is, as soon as that is back in service. */
export async function returnSeed(lab: Lab, record: SeedRecord, timeline: Timeline): Promise<ClusterFacts> {
  const seed = await timeline.stage('seed: boot again', () => bootMachine(lab, SEED, seedDisk(lab)));
  await timeline.stage('seed: back in service', () =>
    waitForCluster(lab, seed, { ...record.identity, workload: record.workload }),
  );
  return gatherFacts(seed.host);
}

async function runningSeed(lab: Lab): Promise<Machine> {
  return (await driverOf(lab).find(SEED)) ?? bootMachine(lab, SEED, seedDisk(lab));
}
