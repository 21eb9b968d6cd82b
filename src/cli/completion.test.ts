import { describe, expect, it } from 'vitest';
import { completeWords } from './completion.ts';
import { INSTALLER_COMMANDS, type InstallerCommand, isUnbuilt } from './openshiftInstallCommands.ts';

const wordsAfter = (...words: string[]): string[] => completeWords(words).candidates.map(({ word }) => word);

describe('commands', () => {
  /** Every leaf with its path. */
  const leavesOf = (commands: readonly InstallerCommand[], path: readonly string[] = []) =>
    commands.flatMap((command): { path: string[]; command: InstallerCommand }[] => {
      const own = [...path, command.name];
      return command.commands === undefined ? [{ path: own, command }] : leavesOf(command.commands, own);
    });

  it('are offered at every depth if they do something, and only then', () => {
    const leaves = leavesOf(INSTALLER_COMMANDS);
    expect(leaves.length).toBeGreaterThan(20);
    for (const { path, command } of leaves) {
      const offered = wordsAfter(...path.slice(0, -1), '').includes(command.name);
      expect(offered, path.join(' ')).toBe(!isUnbuilt(command) && command.isHidden === undefined);
    }
  });

  it('are found behind flags and their values', () => {
    expect(wordsAfter('--dir', 'coreos', '--log-level=debug', 'coreos', '')).toEqual(['print-stream-json']);
  });

  it('are chosen by what was typed', () => {
    expect(wordsAfter('completion', 'z')).toEqual(['zsh']);
    expect(wordsAfter('completion', 'zz')).toEqual([]);
  });

  it('are none after an unknown word or a leaf', () => {
    expect(wordsAfter('no-such-command', '')).toEqual([]);
    expect(wordsAfter('coreos', 'print-stream-json', '')).toEqual([]);
  });
});

describe('flags', () => {
  it('are those of the command and of all commands', () => {
    expect(wordsAfter('version', '-')).toEqual([
      '--output',
      '--dir',
      '--log-level',
      '--log-format',
      '--help',
    ]);
    expect(wordsAfter('--log')).toEqual(['--log-level', '--log-format']);
  });

  it('have their values, in both spellings and by the short name', () => {
    expect(wordsAfter('version', '-o', '')).toEqual(['text', 'json', 'yaml']);
    expect(wordsAfter('version', '--output=j')).toEqual(['json']);
    expect(wordsAfter('--no-such-flag=x')).toEqual([]);
  });

  it('leave directories and files to the shell', () => {
    expect(completeWords(['--dir', ''])).toEqual({ candidates: [], directive: 'FilterDirs' });
    expect(completeWords(['graph', '--output-file=x'])).toEqual({ candidates: [], directive: 'Default' });
  });
});
