import { spawn } from 'node:child_process';
import { Failure } from '#base/failure.ts';
import type { Machine } from '#machines/driver.ts';
import { machineFolder } from '#machines/site.ts';
import { findMachine } from './infrastructure.ts';
import { gatherInventory, type Inventory } from './inventory.ts';
import type { Lab } from './lab.ts';
import { type LabMachine, readLabState } from './state.ts';

/** A machine of the lab and whether it runs and its API server answers. */
export interface MachineStatus extends LabMachine {
  readonly running: boolean;
  /** Answer of /readyz from inside, `-` when there is none. */
  readonly api: string;
}

export interface LabStatus {
  /** False for a lab that is not there. */
  readonly exists: boolean;
  readonly machines: readonly MachineStatus[];
  readonly inventory: Inventory;
}

export async function describeLab(lab: Lab): Promise<LabStatus> {
  const state = await readLabState(lab);
  const machines = await Promise.all((state?.machines ?? []).map((machine) => statusOf(lab, machine)));
  return { exists: state !== undefined, machines, inventory: await gatherInventory(lab) };
}

async function statusOf(lab: Lab, machine: LabMachine): Promise<MachineStatus> {
  const found = await findMachine(lab, machine);
  if (found === undefined) return { ...machine, running: false, api: '-' };
  return { ...machine, running: true, api: (await readyz(found)) || '-' };
}

/** Empty without an answer, also where the machine has not come so far that it could be asked. */
async function readyz({ host }: Machine): Promise<string> {
  const argv = ['curl', '--silent', '--insecure', '--max-time', '3', 'https://localhost:6443/readyz'];
  try {
    return (await host.run(argv, { okCodes: [0, 7, 28, 35] })).stdout;
  } catch (error) {
    if (error instanceof Failure) return '';
    throw error;
  }
}

/** A machine of the lab that runs. Failures `lab/no-such-machine`, `lab/machine-is-off`. */
export async function runningMachine(lab: Lab, name: string): Promise<Machine> {
  const machines = (await readLabState(lab))?.machines ?? [];
  const known = machines.find((machine) => machine.name === name);
  if (known === undefined) {
    const names = machines.map((machine) => machine.name).join(', ');
    throw new Failure({
      code: 'lab/no-such-machine',
      message: `lab ${lab.name} has no machine "${name}"`,
      hint: names === '' ? 'bring a seed up with "sower lab up"' : `it has: ${names}`,
    });
  }
  const machine = await findMachine(lab, known);
  if (machine !== undefined) return machine;
  throw new Failure({
    code: 'lab/machine-is-off',
    message: `machine ${name} is not running`,
    hint: `read its console with "sower lab logs ${name} --console"`,
  });
}

/** Runs a program inside on this process's terminal; resolves with its exit code. */
export async function runOnTerminal(machine: Machine, argv: readonly string[]): Promise<number> {
  const [program = '', ...args] = await machine.argvInside(argv, process.stdin.isTTY && process.stdout.isTTY);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** What a machine printed on its console since it was last started; also of one that is off. */
export async function readConsole(lab: Lab, name: string): Promise<string> {
  return (
    (await lab.host.files.readIfExists(`${machineFolder(lab.site, name)}/console.log`))?.toString('utf8') ??
    ''
  );
}
