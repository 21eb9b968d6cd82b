import { Failure } from '#base/failure.ts';
import type { Lab } from './lab.ts';
import type { SeedIdentity } from './seedCluster/identity.ts';
import type { UserWorkload } from './seedCluster/workload.ts';

/** What later commands need to know of the seed; it holds the values of the user's Secret, so it is kept 0600. */
export interface SeedRecord {
  readonly identity: SeedIdentity;
  readonly workload: UserWorkload;
}

export const SEED = 'seed';
export const seedDisk = (lab: Lab): string => `${lab.folder}/disks/${SEED}.img`;
export const adminKubeconfig = (lab: Lab, machine: string): string =>
  `${lab.folder}/access/${machine}/kubeconfig`;
const recordPath = (lab: Lab): string => `${lab.folder}/${SEED}.json`;

export const writeSeedRecord = (lab: Lab, record: SeedRecord): Promise<void> =>
  lab.host.files.write(recordPath(lab), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });

/** Failure `lab/no-seed` when the lab has none. */
export async function readSeedRecord(lab: Lab): Promise<SeedRecord> {
  const content = await lab.host.files.readIfExists(recordPath(lab));
  if (content !== undefined) return JSON.parse(content.toString('utf8')) as SeedRecord;
  throw new Failure({
    code: 'lab/no-seed',
    message: `lab ${lab.name} has no seed cluster`,
    hint: 'bring it up with "sower lab up"',
  });
}
