import type { Machine, MachineDriver } from '#machines/driver.ts';
import { upNetwork } from '#machines/network.ts';
import { NspawnDriver } from '#machines/nspawn.ts';
import { QemuDriver } from '#machines/qemu.ts';
import type { LabProducts } from './build/all.ts';
import type { Lab } from './lab.ts';
import { LAB_NETWORK, LAB_REGISTRY } from './network.ts';
import { findRegistry, type Registry, startRegistry } from './registry.ts';

/** Brings up what the hosts of a lab share: its network and its registry with the cluster's images. Can be repeated. */
export async function upInfrastructure(lab: Lab, products: LabProducts): Promise<Registry> {
  await upNetwork(lab.host, lab.site, `${LAB_NETWORK.gateway}/${LAB_NETWORK.prefixLength}`);
  const running = await findRegistry(lab);
  if (running !== undefined) return running;
  const registry = await startRegistry(lab);
  for (const { name, layout } of products.imageLayouts) await registry.push(layout, nameInRegistry(name));
  return registry;
}

/** `registry.lab:5000/lab/pause:1` -> `lab/pause:1`. */
export const nameInRegistry = (pullSpec: string): string => pullSpec.slice(LAB_REGISTRY.name.length + 1);

/** What a machine of the lab can be driven by. */
export type DriverKind = 'nspawn' | 'qemu';

export const driverOf = (lab: Lab, kind: DriverKind = 'nspawn'): MachineDriver =>
  kind === 'qemu' ? new QemuDriver(lab.host, lab.site) : new NspawnDriver(lab.host, lab.site);

/** A machine of the lab that runs. */
export const findMachine = (
  lab: Lab,
  { name, driver }: { readonly name: string; readonly driver: DriverKind },
): Promise<Machine | undefined> => driverOf(lab, driver).find(name);
