import { describe, expect, it } from 'vitest';
import { completeWords } from './completion.ts';
import { type InstallerCommand, isUnbuilt } from './installerCommand.ts';
import { INSTALLER_COMMANDS } from './openshiftInstallCommands.ts';

const wordsAfter = async (...words: string[]): Promise<string[]> =>
  (await completeWords(words)).candidates.map(({ word }) => word);

describe('commands', () => {
  /** Every leaf with its path. */
  const leavesOf = (commands: readonly InstallerCommand[], path: readonly string[] = []) =>
    commands.flatMap((command): { path: string[]; command: InstallerCommand }[] => {
      const own = [...path, command.name];
      return command.commands === undefined ? [{ path: own, command }] : leavesOf(command.commands, own);
    });

  it('are offered at every depth if they do something, and only then', async () => {
    const leaves = leavesOf(INSTALLER_COMMANDS);
    expect(leaves.length).toBeGreaterThan(20);
    for (const { path, command } of leaves) {
      const offered = (await wordsAfter(...path.slice(0, -1), '')).includes(command.name);
      expect(offered, path.join(' ')).toBe(!isUnbuilt(command) && command.isHidden === undefined);
    }
  });

  it('are found behind flags and their values', async () => {
    expect(await wordsAfter('--dir', 'coreos', '--log-level=debug', 'coreos', '')).toEqual([
      'print-stream-json',
    ]);
  });

  it('are chosen by what was typed', async () => {
    expect(await wordsAfter('completion', 'z')).toEqual(['zsh']);
    expect(await wordsAfter('completion', 'zz')).toEqual([]);
  });

  it('are none after an unknown word or a leaf', async () => {
    expect(await wordsAfter('no-such-command', '')).toEqual([]);
    expect(await wordsAfter('coreos', 'print-stream-json', '')).toEqual([]);
  });
});

describe('flags', () => {
  it('are those of the command and of all commands', async () => {
    expect(await wordsAfter('version', '-')).toEqual([
      '--output',
      '--dir',
      '--log-level',
      '--log-format',
      '--help',
    ]);
    expect(await wordsAfter('--log')).toEqual(['--log-level', '--log-format']);
  });

  it('have their values, in both spellings and by the short name', async () => {
    expect(await wordsAfter('version', '-o', '')).toEqual(['text', 'json', 'yaml']);
    expect(await wordsAfter('version', '--output=j')).toEqual(['json']);
    expect(await wordsAfter('--no-such-flag=x')).toEqual([]);
  });

  it('leave directories and files to the shell', async () => {
    expect(await completeWords(['--dir', ''])).toEqual({ candidates: [], directive: 'FilterDirs' });
    expect(await completeWords(['graph', '--output-file=x'])).toEqual({
      candidates: [],
      directive: 'Default',
    });
  });
});

it('offers the fields that can be explained', async () => {
  const words = await wordsAfter('explain', 'installconfig.platform.baremetal.hosts.b');
  expect(words).toContain('installconfig.platform.baremetal.hosts.bmc.address');
  expect(words).toContain('installconfig.platform.baremetal.hosts.bootMACAddress');
  expect((await wordsAfter('explain', ''))[0]).toBe('installconfig');
});
