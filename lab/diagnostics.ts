import { Failure } from '#base/failure.ts';
import type { Machine } from '#machines/driver.ts';
import { findMachine } from './infrastructure.ts';
import type { Lab } from './lab.ts';
import { readConsole } from './machines.ts';
import { readLabState } from './state.ts';

/** What is asked inside a machine that runs, by the file that the answer goes to. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  'journal.txt': ['journalctl', '--boot', '--no-pager'],
  'units.txt': ['systemctl', '--no-pager', 'status', '--failed', 'kubelet', 'installation-configuration'],
  'containers.txt': ['ctr', '--namespace=k8s.io', 'tasks', 'ls'],
  'addresses.txt': ['ip', 'address'],
  'disk.txt': ['df', '-h'],
  'pod-logs.tar': [
    'tar',
    '--create',
    '--directory=/var/log',
    '--dereference',
    '--ignore-failed-read',
    'pods',
  ],
};

/** Collects what explains a failure, for all machines of the lab, into one folder; `undefined` when there is nothing. */
export async function collectDiagnostics(lab: Lab, now: Date): Promise<string | undefined> {
  const machines = (await readLabState(lab).catch(() => undefined))?.machines ?? [];
  if (machines.length === 0) return undefined;
  const folder = `${lab.folder}/diagnostics/${now.toISOString().replaceAll(':', '')}`;
  for (const known of machines) {
    const { name } = known;
    await lab.host.files.makeDirectory(`${folder}/${name}`, 0o700);
    await lab.host.files.write(`${folder}/${name}/console.txt`, await readConsole(lab, name), {
      mode: 0o600,
    });
    const machine = await findMachine(lab, known);
    if (machine !== undefined) await askMachine(lab, machine, `${folder}/${name}`);
  }
  return folder;
}

/** A question that can't be answered leaves its reason in the file: this must not hide the failure it is to explain. */
async function askMachine(lab: Lab, machine: Machine, folder: string): Promise<void> {
  for (const [file, argv] of Object.entries(QUESTIONS)) {
    const answer = await machine.host
      .run(argv, { okCodes: [0, 1, 2, 3, 4], timeoutSeconds: 20 })
      .then(({ stdout }) => stdout)
      .catch((error: unknown) => (error instanceof Failure ? error.message : String(error)));
    await lab.host.files.write(`${folder}/${file}`, answer, { mode: 0o600 });
  }
}
