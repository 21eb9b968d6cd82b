import { posix } from 'node:path';
import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import type { FileStep } from './plan.ts';

const KEY_FILE = /^ssh_host_([a-z\d]+)_key(?:\.pub)?$/;

/** New host keys of the types that the directory has, as files to write. Only a work directory is touched here. */
export async function planSshHostKeys(host: Host, directory: string, work: string): Promise<FileStep[]> {
  const { files } = host;
  const old = (await files.list(directory)).filter((name) => /^ssh_host_.*_key/.test(name));
  if (old.length === 0) {
    throw new Failure({
      code: 'recert/no-ssh-keys',
      message: `no SSH host keys found in ${directory}`,
      hint: 'name the directory that sshd reads its keys from (regenerate_server_ssh_keys)',
    });
  }
  const made = posix.join(work, 'etc/ssh');
  await files.remove(work);
  await files.makeDirectory(made, 0o700);
  try {
    await host.run(['ssh-keygen', '-A', '-f', work]);
    const steps: FileStep[] = [];
    for (const name of old) {
      const path = posix.join(directory, name);
      const was = await files.read(path);
      if (!KEY_FILE.test(name)) {
        steps.push({ path, was });
        continue;
      }
      const content = await files.readIfExists(posix.join(made, name));
      if (content === undefined) {
        throw new Failure({
          code: 'recert/ssh-key-type',
          message: `ssh-keygen made no ${name}, which ${directory} has`,
          hint: 'remove keys of types that this ssh-keygen no longer makes',
        });
      }
      steps.push({ path, content, was });
    }
    return steps;
  } finally {
    await files.remove(work);
  }
}
