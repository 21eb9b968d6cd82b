import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import type { ProcessIdentity } from '#system/processStat.ts';
import { machineFolder, type Site } from './site.ts';

/** What a driver must know of a machine after a restart of itself; `machine.json` in the machine's folder. */
export interface MachineRecord {
  readonly formatVersion: 1;
  readonly disk: string;
  /** systemd-nspawn or QEMU itself; absent when the machine is off. */
  readonly process?: ProcessIdentity;
  /** Files given to the machine as block devices, written down before they are attached. */
  readonly attachedFiles: readonly string[];
}

const recordPath = (site: Site, name: string): string => `${machineFolder(site, name)}/machine.json`;

/** `undefined` for a machine that never was started. Failure `machines/record-unreadable`. */
export async function readRecord(host: Host, site: Site, name: string): Promise<MachineRecord | undefined> {
  const path = recordPath(site, name);
  const content = await host.files.readIfExists(path);
  return content === undefined ? undefined : parseRecord(content.toString('utf8'), path);
}

export const writeRecord = (host: Host, site: Site, name: string, record: MachineRecord): Promise<void> =>
  host.files.write(recordPath(site, name), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });

/** Names of the machines that have a folder, started or not. */
export async function listMachines(host: Host, site: Site): Promise<string[]> {
  const folder = `${site.folder}/machines`;
  return (await host.files.exists(folder)) ? host.files.list(folder) : [];
}

export function parseRecord(text: string, path: string): MachineRecord {
  try {
    const value = JSON.parse(text) as Partial<MachineRecord>;
    if (value.formatVersion === 1 && typeof value.disk === 'string' && Array.isArray(value.attachedFiles))
      return value as MachineRecord;
  } catch {}
  throw new Failure({
    code: 'machines/record-unreadable',
    message: `${path} is not the record of a machine`,
    hint: 'take the lab down and up again',
  });
}
