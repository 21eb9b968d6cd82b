import type { Command, Option } from 'commander';
import { lcaCliProgram } from '#cli/lcaCli.ts';
import { openshiftInstallProgram } from '#cli/openshiftInstall.ts';
import { renderHelp } from '#cli/recertFlags.ts';
import { sowerProgram } from '#cli/sower.ts';
import { VERSION } from '#cli/version.ts';
import { describeOption, leavesOf, NO_IO, pathOf, unbuiltCommands, usageOf } from './commandTree.ts';

const NAMES = ['openshift-install', 'lca-cli', 'recert', 'sower'];

/** Manual pages by file name, as docs/man holds them. */
export function renderManPages(): Readonly<Record<string, string>> {
  const unbuilt = unbuiltCommands();
  const openshiftInstall = openshiftInstallProgram(NO_IO, async () => {});
  return {
    'openshift-install.1': renderProgram(
      openshiftInstall,
      (leaf) => !unbuilt.has(pathOf(leaf).slice(1).join(' ')),
    ),
    'lca-cli.1': renderProgram(lcaCliProgram(NO_IO)),
    'recert.1': renderRecert(),
    'sower.1': renderProgram(sowerProgram(NO_IO, { code: 0 })),
  };
}

function renderProgram(program: Command, isShown: (leaf: Command) => boolean = () => true): string {
  const leaves = leavesOf(program).filter(isShown);
  return page(program.name(), program.description(), [
    '.SH SYNOPSIS',
    `.B ${escapeText(program.name())}`,
    `[${italic('options')}] ${italic('command')} [${italic('operands')}]`,
    ...(shownOptions(program).length === 0
      ? []
      : ['.SH OPTIONS', ...shownOptions(program).flatMap(renderOption)]),
    '.SH COMMANDS',
    ...leaves.flatMap(renderLeaf),
  ]);
}

function renderLeaf(leaf: Command): string[] {
  return [
    `.SS ${quoted(usageOf(leaf))}`,
    textLine(`${leaf.description()}.`),
    ...shownOptions(leaf).flatMap(renderOption),
  ];
}

const shownOptions = (command: Command): Option[] => command.options.filter(({ hidden }) => !hidden);

function renderOption(option: Option): string[] {
  const flags = option.flags.split(/(<[^>]+>|\[[^\]]+\])/).map((part) => {
    const value = /^[<[](.+)[>\]]$/.exec(part)?.[1];
    return value === undefined ? bold(part) : italic(value);
  });
  return ['.TP', flags.join(''), textLine(describeOption(option).replaceAll('`', ''))];
}

/** Its help is made from its table of options, and laid out for people already. */
const renderRecert = (): string =>
  page('recert', 'Gives a stopped single-node cluster new keys, certificates, tokens and names', [
    '.SH DESCRIPTION',
    '.nf',
    ...renderHelp().trimEnd().split('\n').map(textLine),
    '.fi',
  ]);

function page(name: string, summary: string, body: readonly string[]): string {
  const others = NAMES.filter((other) => other !== name);
  const lines = [
    '.\\" Made by "npm run docs" from the declaration of the commands.',
    `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(`Sower ${VERSION}`)} ${quoted('Sower')}`,
    '.SH NAME',
    `${escapeText(name)} \\- ${escapeText(summary)}`,
    ...body,
    '.SH SEE ALSO',
    others.map((other) => `${bold(other)}(1)`).join(', '),
  ];
  return `${lines.join('\n')}\n`;
}

const bold = (text: string): string => (text === '' ? '' : `\\fB${escapeText(text)}\\fR`);
const italic = (text: string): string => `\\fI${escapeText(text)}\\fR`;
const quoted = (text: string): string => `"${escapeText(text).replaceAll('"', '\\(dq')}"`;

/** Dashes are those of the keyboard, so that flags can be copied. */
const escapeText = (text: string): string => text.replaceAll('\\', '\\e').replaceAll('-', '\\-');

/** A line of text that starts with no control character. */
const textLine = (text: string): string => escapeText(text).replace(/^(?=[.'])/, '\\&');
