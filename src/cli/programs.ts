import { basename } from 'node:path';
import type { Io, Program } from './io.ts';

/** The names of the one executable. Loaded lazily: each program pays only for what it uses. */
const PROGRAMS: Readonly<Record<string, () => Promise<Program>>> = {
  'openshift-install': async () => (await import('./openshiftInstall.ts')).openshiftInstallMain,
  'lca-cli': async () => (await import('./lcaCli.ts')).lcaCliMain,
  recert: async () => (await import('./recert.ts')).recertMain,
  'image-based-install-operator': async () => (await import('./imageBasedInstallOperator.ts')).operatorMain,
  sower: async () => (await import('./sower.ts')).sowerMain,
};

/**
 * Runs the program that was asked for: by the name the executable was called with (a link in `dist/`),
 * or, called as `sower`, by its first argument (`sower recert --help`).
 */
export async function runProgram(calledAs: string, argv: readonly string[], io: Io): Promise<number> {
  const name = basename(calledAs);
  const first = argv[0] ?? '';
  if (name !== 'sower' && Object.hasOwn(PROGRAMS, name)) return (await PROGRAMS[name]!())(argv, io);
  if (first !== 'sower' && Object.hasOwn(PROGRAMS, first))
    return (await PROGRAMS[first]!())(argv.slice(1), io);
  return (await PROGRAMS['sower']!())(first === 'sower' ? argv.slice(1) : argv, io);
}
