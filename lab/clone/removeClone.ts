import { unmountDisk } from '#machines/disk.ts';
import { machineFolder } from '#machines/site.ts';
import { findMachine } from '../infrastructure.ts';
import type { Lab } from '../lab.ts';
import { changeLabState, cloneDisk, readLabState } from '../state.ts';
import { installedSecrets } from './proof.ts';

/** Ends one clone at once and removes its disk and its records; logs and the report of its proof stay. */
export async function removeClone(lab: Lab, name: string): Promise<void> {
  const { host, site, folder } = lab;
  const known = (await readLabState(lab))?.machines.find((machine) => machine.name === name);
  if (known !== undefined) await (await findMachine(lab, known))?.kill();
  await unmountDisk(host, cloneDisk(lab, name), machineFolder(site, name));
  const places = [machineFolder(site, name), cloneDisk(lab, name), `${folder}/access/${name}`];
  for (const place of [...places, installedSecrets(lab, name)]) await host.files.remove(place);
  await changeLabState(lab, (state) => ({
    ...state,
    machines: state.machines.filter((machine) => machine.name !== name),
  }));
}
