import type { SeedReconfiguration } from '#api/seedReconfiguration.ts';
import { systemd } from '#system/systemd.ts';
import { note } from '../note.ts';
import type { PostPivotWorld } from '../postPivot.ts';

const SSH_DIRECTORY = '/etc/ssh';
const isSshHostKey = (name: string): boolean => /^ssh_host_.*_key/.test(name);

/** Time matters before certificates are looked at: the file is written before the daemon is restarted. */
export async function configureTime(world: PostPivotWorld, chronyConfig: string): Promise<void> {
  if (chronyConfig === '') return;
  await world.host.files.write('/etc/chrony.conf', chronyConfig, { mode: 0o644 });
  await restartIfPresent(
    world,
    ['chronyd.service', 'chrony.service'],
    'the time is not synchronised by chrony',
  );
}

/** Host keys as given; without any, recert made new ones. Either way a running sshd still holds the seed's keys. */
export async function installSshHostKeys(
  world: PostPivotWorld,
  keys: SeedReconfiguration['server_ssh_keys'],
): Promise<void> {
  const { files } = world.host;
  if (keys.length > 0) {
    await files.makeDirectory(SSH_DIRECTORY);
    for (const name of (await files.list(SSH_DIRECTORY)).filter(isSshHostKey)) {
      await files.remove(`${SSH_DIRECTORY}/${name}`);
    }
    for (const { file_name, file_content } of keys) {
      const path = `${SSH_DIRECTORY}/${file_name}`;
      await files.write(path, file_content, {
        mode: file_name.endsWith('.pub') ? 0o644 : 0o600,
        uid: 0,
        gid: 0,
      });
      if (await files.exists('/sys/fs/selinux/enforce'))
        await world.host.run(['chcon', 'system_u:object_r:sshd_key_t:s0', path]);
    }
  }
  for (const unit of ['sshd.service', 'ssh.service']) {
    if (await systemd(world.host).isActive(unit)) await systemd(world.host).restart(unit);
  }
}

/** Are there host keys that recert can replace by others of the same types? */
export async function hasSshHostKeys(world: PostPivotWorld): Promise<boolean> {
  const { files } = world.host;
  return (await files.exists(SSH_DIRECTORY)) && (await files.list(SSH_DIRECTORY)).some(isSshHostKey);
}

async function restartIfPresent(
  world: PostPivotWorld,
  names: readonly string[],
  otherwise: string,
): Promise<void> {
  const units = systemd(world.host);
  for (const unit of names) {
    if ((await units.property(unit, 'LoadState')) === 'loaded') return units.restart(unit);
  }
  note(world, `none of ${names.join(', ')} is on this host: ${otherwise}`);
}
