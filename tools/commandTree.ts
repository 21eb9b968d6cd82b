import type { Command, Option } from 'commander';
import { type InstallerCommand, isUnbuilt } from '#cli/installerCommand.ts';
import type { Io, TextSink } from '#cli/io.ts';
import { INSTALLER_COMMANDS } from '#cli/openshiftInstallCommands.ts';

/** A program only says what it consists of here; nothing is run, read or printed. */
const SILENT: TextSink = { write: () => {}, isTTY: false, columns: 80 };
export const NO_IO: Io = {
  stdout: SILENT,
  stderr: SILENT,
  env: {},
  cwd: '/',
  now: () => new Date(0),
  readStdin: async () => '',
};

/** Paths of the commands of openshift-install that only say that they are not part of this release. */
export function unbuiltCommands(
  commands: readonly InstallerCommand[] = INSTALLER_COMMANDS,
  path: readonly string[] = [],
): Set<string> {
  const own = commands.flatMap((command) => {
    const at = [...path, command.name];
    if (command.commands !== undefined) return [...unbuiltCommands(command.commands, at)];
    return isUnbuilt(command) ? [at.join(' ')] : [];
  });
  return new Set(own);
}

/** What is said of an option, with its default. */
export function describeOption({ description, defaultValue, mandatory }: Option): string {
  if (mandatory) return `${description}; required`;
  const hasDefault = typeof defaultValue === 'string';
  return hasDefault ? `${description}; default \`${defaultValue}\`` : description;
}

/** Commands that do something, in the order of the tree. */
export function leavesOf(command: Command): Command[] {
  if (command.commands.length === 0) return [command];
  return command.commands.flatMap(leavesOf);
}

/** The words of a command, its program first. */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [command.name()] : [...pathOf(command.parent), command.name()];
}

/** As `pathOf`, with operands. */
export function usageOf(command: Command): string {
  const operands = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [...pathOf(command), ...operands].join(' ');
}
