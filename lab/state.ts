import * as z from 'zod';
import { decodeText, mapping } from '#api/shape.ts';
import { Failure } from '#base/failure.ts';
import { type Parsed, renderProblem } from '#base/report.ts';
import type { DriverKind } from './infrastructure.ts';
import type { Lab } from './lab.ts';

/** A cluster's machine, as a person knows it. What the driver knows of it stands in the machine's own folder. */
export interface LabMachine {
  readonly name: string;
  readonly role: 'seed' | 'clone';
  readonly driver: DriverKind;
  readonly address: string;
  readonly clusterName: string;
  readonly baseDomain: string;
  /** Absolute path on this machine; absent until the cluster has answered. */
  readonly kubeconfig?: string;
}

/** What a lab remembers between two commands: `state.json` in its folder. */
export interface LabState {
  readonly formatVersion: 1;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly machines: readonly LabMachine[];
}

const machineShape = mapping({
  name: z.string(),
  role: z.enum(['seed', 'clone']),
  driver: z.enum(['nspawn', 'qemu']),
  address: z.string(),
  clusterName: z.string(),
  baseDomain: z.string(),
  kubeconfig: z.exactOptional(z.string()),
});
const stateShape: z.ZodType<LabState> = mapping({
  formatVersion: z.literal(1),
  createdAt: z.string(),
  machines: z.array(machineShape),
});

export const parseLabState = (text: string): Parsed<LabState> =>
  decodeText(text, { schema: stateShape, unknownKeys: 'error' });
export const renderLabState = (state: LabState): string => `${JSON.stringify(state, undefined, 2)}\n`;

/** Also the mark by which a folder is known as that of a lab. */
export const STATE_FILE = 'state.json';
/** The disk image of a clone; that of the seed has a place of its own. */
export const cloneDisk = (lab: Lab, name: string): string => `${lab.folder}/disks/${name}.img`;

const statePath = (lab: Lab): string => `${lab.folder}/${STATE_FILE}`;

/** `undefined` for a lab that is not there. Failure `lab/state-unreadable`. */
export async function readLabState(lab: Lab): Promise<LabState | undefined> {
  const content = await lab.host.files.readIfExists(statePath(lab));
  if (content === undefined) return undefined;
  const result = parseLabState(content.toString('utf8'));
  if (result.ok) return result.value;
  throw new Failure({
    code: 'lab/state-unreadable',
    message: `${statePath(lab)}: ${result.report.map(renderProblem).join('; ')}`,
    hint: `take the lab down with "sower lab down" and up again`,
  });
}

export const writeLabState = (lab: Lab, state: LabState): Promise<void> =>
  lab.host.files.write(statePath(lab), renderLabState(state), { mode: 0o600 });

let lastChange: Promise<unknown> = Promise.resolve();

/** Changes what is remembered, one change after the other: clones of a fleet come and go at the same time. */
export function changeLabState(lab: Lab, change: (state: LabState) => LabState): Promise<void> {
  const done = lastChange.then(async () => {
    const state = await readLabState(lab);
    if (state === undefined) throw new Error(`lab ${lab.name} lost its state`);
    await writeLabState(lab, change(state));
  });
  lastChange = done.catch(() => {});
  return done;
}

/** Makes the lab's folder with an empty state, or gives the state it has. Failures `lab/foreign-folder`, `lab/folder-path`. */
export async function createLabState(lab: Lab, now: Date): Promise<LabState> {
  const before = await readLabState(lab);
  if (before !== undefined) return before;
  await checkFolderIsOurs(lab);
  const state: LabState = { formatVersion: 1, createdAt: now.toISOString(), machines: [] };
  await lab.host.files.makeDirectory(lab.folder, 0o700);
  await checkFolderPath(lab);
  await writeLabState(lab, state);
  return state;
}

/** The kernel names mounts and backing files by their real path; a lab must find its own by it. */
async function checkFolderPath({ host, folder }: Lab): Promise<void> {
  const real = (await host.run(['realpath', folder])).stdout.trimEnd();
  if (real === folder) return;
  throw new Failure({
    code: 'lab/folder-path',
    message: `${folder} is not an absolute path free of links (it is ${real})`,
    hint: 'give the real path of the folder in SOWER_STATE',
  });
}

/** Keeps a lab from taking over, or removing, a folder that holds something else. Failure `lab/foreign-folder`. */
export async function checkFolderIsOurs({ host, folder }: Lab): Promise<void> {
  if (!(await host.files.exists(folder))) return;
  const names = await host.files.list(folder);
  const isState = (name: string): boolean => name === STATE_FILE || name.startsWith(`.${STATE_FILE}.`);
  if (names.length === 0 || names.some(isState)) return;
  throw new Failure({
    code: 'lab/foreign-folder',
    message: `${folder} holds files and is not the folder of a lab`,
    hint: 'choose another name for the lab, or another folder with SOWER_STATE',
  });
}
