import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { Failure } from '#base/failure.ts';
import type { Machine } from '#machines/driver.ts';
import { KeyPool } from '#pki/keySource.ts';
import type { LabProducts } from './build/all.ts';
import { KUBERNETES_VERSION } from './build/kubernetes.ts';
import { driverOf, upInfrastructure } from './infrastructure.ts';
import type { Lab } from './lab.ts';
import { LAB_NETWORK } from './network.ts';
import { labImages, type SeedIdentity } from './seedCluster/identity.ts';
import { makeSeedCluster, type SeedCluster } from './seedCluster/seedCluster.ts';
import { startSteps } from './seedCluster/start.ts';
import type { UserWorkload } from './seedCluster/workload.ts';
import { makeSeedDisk } from './seedDisk.ts';
import { adminKubeconfig, SEED, seedDisk, writeSeedRecord } from './seedRecord.ts';
import { createLabState, type LabMachine, writeLabState } from './state.ts';
import type { Timeline } from './timeline.ts';

const NODE_PORT = 30080;

/** Brings up a new seed cluster and returns its machine. Failure `lab/seed-exists` if the lab has one already. */
export async function upSeed(lab: Lab, products: LabProducts, timeline: Timeline): Promise<Machine> {
  const state = await createLabState(lab, new Date());
  if (state.machines.some((machine) => machine.role === 'seed')) {
    throw new Failure({
      code: 'lab/seed-exists',
      message: `lab ${lab.name} has a seed cluster already`,
      hint: 'use it, or take the lab down first with "sower lab down"',
    });
  }
  const identity = newIdentity(products);
  const [cluster] = await Promise.all([
    timeline.stage('seed: keys and certificates', (note) => newSeedCluster(identity, note)),
    timeline.stage('network and registry', async () => void (await upInfrastructure(lab, products))),
  ]);
  await timeline.stage('seed: disk', async () => {
    await lab.host.files.makeDirectory(`${lab.folder}/disks`);
    await makeSeedDisk(lab, products, seedDisk(lab), cluster.assets);
  });
  await keepAccess(lab, cluster);
  await writeLabState(lab, { ...state, machines: [...state.machines, machineOf(lab, identity)] });
  const machine = await timeline.stage('seed: boot', () => bootMachine(lab, SEED, seedDisk(lab)));
  for (const step of startSteps(machine.host, cluster)) {
    await timeline.stage(`seed: ${step.name}`, () => step.run());
  }
  return machine;
}

const machineOf = (lab: Lab, identity: SeedIdentity): LabMachine => ({
  name: SEED,
  role: 'seed',
  driver: 'nspawn',
  address: identity.nodeIp,
  clusterName: identity.clusterName,
  baseDomain: identity.baseDomain,
  kubeconfig: adminKubeconfig(lab, SEED),
});

/** Starts a machine from its disk and waits until every unit of the boot has come up. */
export async function bootMachine(lab: Lab, name: string, disk: string): Promise<Machine> {
  const machine = await driverOf(lab).start({ name, disk });
  await machine.waitForBoot();
  return machine;
}

/** Every seed has its own names, ids and values: nothing may work only because a test knows them. */
function newIdentity(products: LabProducts): SeedIdentity {
  const tag = randomBytes(3).toString('hex');
  return {
    clusterName: `seed-${tag}`,
    baseDomain: 'seeds.example.com',
    hostname: `seed-${tag}-node`,
    nodeIp: LAB_NETWORK.gateway.replace(/\d+$/, '10'),
    machineNetwork: LAB_NETWORK.subnet,
    gateway: LAB_NETWORK.gateway,
    infraID: `seed-${tag}-${randomBytes(3).toString('hex').slice(0, 5)}`,
    clusterID: randomUUID(),
    releaseVersion: KUBERNETES_VERSION.replace(/^v/, ''),
    images: labImages(products.imageLayouts.map(({ name }) => name)),
    sshPublicKey: newSshKey(),
  };
}

async function newSeedCluster(identity: SeedIdentity, note: (text: string) => void): Promise<SeedCluster> {
  const workload: UserWorkload = {
    namespace: `shop-${randomBytes(2).toString('hex')}`,
    secretValue: randomBytes(12).toString('base64url'),
    configValue: randomBytes(12).toString('base64url'),
    replicas: 1,
    nodePort: NODE_PORT,
  };
  const keys = new KeyPool({ concurrency: cpus().length });
  const cluster = await makeSeedCluster({ identity, workload, keys, madeAt: new Date() });
  note(`${identity.clusterName}.${identity.baseDomain}`);
  return cluster;
}

/** A key of the user `core`, in authorized_keys form; its private half is thrown away, the lab enters hosts by itself. */
function newSshKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from('ssh-ed25519')), field(raw)]).toString('base64')} core@seed`;
}

async function keepAccess(lab: Lab, cluster: SeedCluster): Promise<void> {
  await lab.host.files.makeDirectory(`${lab.folder}/access/${SEED}`, 0o700);
  await lab.host.files.write(adminKubeconfig(lab, SEED), cluster.access.kubeconfig.reveal(), { mode: 0o600 });
  await writeSeedRecord(lab, { identity: cluster.identity, workload: cluster.workload });
}
