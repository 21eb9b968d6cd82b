import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { GenerateContext } from '#installer/asset.ts';
import { PasswordSource } from '#installer/passwords.ts';
import type { CreateOptions } from '#installer/run.ts';
import { STATE_FILE } from '#installer/stateFile.ts';
import { KeyPool } from '#pki/keySource.ts';
import { localFiles } from '#system/localFiles.ts';
import { hashPassword } from '#system/passwordHasher.ts';
import { type ActedOn, unknownKeysOf } from './installerCommand.ts';

/** Makes the files of a command's target in its directory; `inspect` may refuse what they are made of. */
export async function makeTarget(call: ActedOn, inspect?: CreateOptions['inspect']): Promise<void> {
  const { command, flags, switches, dir, root, io, logger } = call;
  const { keys, passwords } = await beginSecrets(call);
  try {
    const [{ createTarget }, { TARGETS }, { interviewOf }, { openDataFiles }] = await Promise.all([
      import('#installer/run.ts'),
      import('#installer/targets.ts'),
      import('./interviewAnswers.ts'),
      import('#system/dataFiles.ts'),
    ]);
    const context: GenerateContext = {
      now: io.now(),
      random: randomBytes,
      keys,
      passwords,
      data: openDataFiles('installer/data'),
      logger,
      interview: await interviewOf({ flags, io, files: localFiles, root }),
      env: io.env,
      unknownKeys: unknownKeysOf(switches, io.env),
    };
    const baseIso = (): Promise<string> => getBaseIso(call);
    const keepsInputs = switches.has('keep');
    await createTarget(TARGETS[command.target!], {
      dir,
      root,
      files: localFiles,
      context,
      baseIso,
      keepsInputs,
      ...(inspect !== undefined && { inspect }),
    });
  } finally {
    keys.stopMakingAhead();
  }
}

/**
 * Keys and the hash of the password are what takes time: other threads make them while this one still loads the
 * program and reads the inputs.
 */
async function beginSecrets({
  command,
  root,
  io,
}: ActedOn): Promise<{ keys: KeyPool; passwords: PasswordSource }> {
  const { generateKey } = io;
  const keys = new KeyPool({
    concurrency: availableParallelism(),
    ...(generateKey !== undefined && { generate: generateKey }),
  });
  const passwords = new PasswordSource(randomBytes, hashPassword);
  if (command.freshKeys !== undefined && !(await localFiles.exists(join(root, STATE_FILE)))) {
    keys.makeAhead({ type: 'rsa', bits: 2048 }, command.freshKeys);
    passwords.makeAhead();
  }
  return { keys, passwords };
}

async function getBaseIso({ flags, io, logger }: ActedOn): Promise<string> {
  const [{ obtainBaseIso }, { downloadFile }] = await Promise.all([
    import('#installer/baseIso.ts'),
    import('#system/download.ts'),
  ]);
  const file = flags['baseIso'];
  return obtainBaseIso({
    ...(file !== undefined && { file: resolve(io.cwd, file) }),
    env: io.env,
    files: localFiles,
    download: downloadFile,
    logger,
  });
}
