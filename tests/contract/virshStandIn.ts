import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyLibvirt, type LibvirtState } from '#installer/bootstrapMachine/testing.ts';

const MODEL = join(import.meta.dirname, '../../src/installer/bootstrapMachine/testing.ts');

/** A program `virsh` that keeps what it was told in a file, and does as libvirt would. */
export interface VirshStandIn {
  /** For the PATH. */
  readonly folder: string;
  state(): Promise<LibvirtState>;
  /** The verbs so far. */
  verbs(): Promise<string[]>;
}

/** Writes the program into a folder of that directory. */
export async function makeVirshStandIn(directory: string): Promise<VirshStandIn> {
  const folder = join(directory, 'bin');
  const [state, commands] = [join(directory, 'libvirt.json'), join(directory, 'commands')];
  await mkdir(folder, { recursive: true });
  await writeFile(state, JSON.stringify(emptyLibvirt()));
  await writeFile(commands, '');
  const program = `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const argv = ['virsh', ...process.argv.slice(2)];
import(${JSON.stringify(MODEL)}).then(({ virshAnswer }) => {
  const state = JSON.parse(readFileSync(${JSON.stringify(state)}, 'utf8'));
  const answer = virshAnswer(state, argv, (path) => readFileSync(path, 'utf8'));
  writeFileSync(${JSON.stringify(state)}, JSON.stringify(state));
  appendFileSync(${JSON.stringify(commands)}, argv.slice(3).join(' ') + '\\n');
  process.stdout.write(answer.stdout);
  process.stderr.write(answer.stderr);
  process.exitCode = answer.code;
});
`;
  await writeFile(join(folder, 'virsh'), program, { mode: 0o755 });
  return {
    folder,
    state: async () => JSON.parse(await readFile(state, 'utf8')) as LibvirtState,
    verbs: async () => (await readFile(commands, 'utf8')).split('\n').map((line) => line.split(' ')[0]!),
  };
}
