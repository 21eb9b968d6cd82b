import type { Command } from 'commander';
import { lcaCliProgram } from '#cli/lcaCli.ts';
import { openshiftInstallProgram } from '#cli/openshiftInstall.ts';
import { renderHelp } from '#cli/recertFlags.ts';
import { sowerProgram } from '#cli/sower.ts';
import { describeOption, leavesOf, NO_IO, pathOf, unbuiltCommands, usageOf } from './commandTree.ts';
import { renderTable } from './markdown.ts';

const HEAD = `# Command reference

Made by \`npm run docs\` from the command trees; a test compares the two. One executable carries all programs: a link named
after a program runs it, and so does its name as the first argument (\`sower lca-cli ibi --help\`).
`;

const OPERATOR = `## image-based-install-operator

Takes no flags: says that it is not part of this release and exits 1.
`;

/** The text of docs/cli.md. */
export function renderCliReference(): string {
  return [
    HEAD,
    renderProgram(
      openshiftInstallProgram(NO_IO, async () => {}),
      unbuiltCommands(),
    ),
    renderProgram(lcaCliProgram(NO_IO)),
    `## recert\n\n\`\`\`text\n${renderHelp().trimEnd()}\n\`\`\`\n`,
    OPERATOR,
    renderProgram(sowerProgram(NO_IO, { code: 0 })),
  ].join('\n');
}

function renderProgram(program: Command, unbuilt: ReadonlySet<string> = new Set()): string {
  const leaves = leavesOf(program);
  const isBuilt = (command: Command): boolean => !unbuilt.has(pathOf(command).slice(1).join(' '));
  const rows = leaves.filter(isBuilt).map((leaf) => [`\`${usageOf(leaf)}\``, leaf.description()]);
  const missing = leaves
    .filter((leaf) => !isBuilt(leaf))
    .map((leaf) => `\`${pathOf(leaf).slice(1).join(' ')}\``);
  const parts = [
    `## ${program.name()}\n`,
    `${program.description()}\n`,
    ...optionsOf(program, 'Options of every command:'),
    renderTable(['Command', 'What it does'], rows),
    ...(missing.length === 0
      ? []
      : [`Not part of this release (they say so and exit 1): ${missing.join(', ')}.\n`]),
    ...leaves.flatMap((leaf) => renderLeaf(leaf)),
  ];
  return parts.join('\n');
}

const renderLeaf = (leaf: Command): string[] => {
  const options = optionsOf(leaf, undefined);
  return options.length === 0 ? [] : [`### ${pathOf(leaf).join(' ')}\n`, ...options];
};

function optionsOf(command: Command, title: string | undefined): string[] {
  const options = command.options.filter(({ hidden }) => !hidden);
  if (options.length === 0) return [];
  const rows = options.map((option) => [`\`${option.flags}\``, describeOption(option)]);
  return [...(title === undefined ? [] : [`${title}\n`]), renderTable(['Flag', 'Meaning'], rows)];
}
