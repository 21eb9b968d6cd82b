import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '#base/logger.ts';
import type { InstallerCommand } from '#cli/installerCommand.ts';
import { INSTALLER_COMMANDS } from '#cli/openshiftInstallCommands.ts';
import { PasswordSource } from '#installer/passwords.ts';
import { createTarget } from '#installer/run.ts';
import { TARGETS } from '#installer/targets.ts';
import { generateKey } from '#pki/keys.ts';
import { openDataFiles } from '#system/dataFiles.ts';
import { MemoryFiles } from '#system/testing.ts';
import { readContract } from './contractCase.ts';

const INPUTS = {
  'image-based config-image': 'ibi-config-image-min',
  'single-node-ignition-config': 'none-sno-bip',
};

const leaves = (commands: readonly InstallerCommand[]): InstallerCommand[] =>
  commands.flatMap((command) => [command, ...leaves(command.commands ?? [])]);

describe('the keys that are begun before the inputs are read', () => {
  const announced = leaves(INSTALLER_COMMANDS).filter(({ freshKeys }) => freshKeys !== undefined);

  it.each(announced.map(({ target, freshKeys }) => [target!, freshKeys!] as const))(
    'of %s are %d, as many as it needs',
    async (target, freshKeys) => {
      const contract = await readContract(INPUTS[target as keyof typeof INPUTS] ?? 'none-sno');
      const files = new MemoryFiles(
        Object.fromEntries(Object.entries(contract.in).map(([path, text]) => [`/dir/${path}`, text])),
      );
      const key = generateKey({ type: 'rsa', bits: 2048 });
      let asked = 0;
      const keys = {
        next: () => {
          asked++;
          return key;
        },
      };
      const passwords = new PasswordSource(randomBytes, async () => 'a hash');
      const context = {
        ...{ now: new Date(), random: randomBytes, keys, passwords, data: openDataFiles('installer/data') },
        ...{ logger: silentLogger, env: {}, unknownKeys: 'error' as const },
      };
      const baseIso = () => Promise.reject(new Error('no target with keys has one'));
      await createTarget(TARGETS[target], {
        ...{ dir: 'dir', root: '/dir', files, context, baseIso, keepsInputs: false },
      });
      expect(asked).toBe(freshKeys);
    },
  );

  it('are announced by every target that makes many', () => {
    expect(announced.map(({ target }) => target)).toEqual(
      expect.arrayContaining(['manifests', 'ignition-configs', 'image-based config-image']),
    );
  });
});
