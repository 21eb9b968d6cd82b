import { createHash } from 'node:crypto';
import { info } from '#base/logger.ts';
import { systemd } from '#system/systemd.ts';
import { RUNTIME_DIRECTORY, WORK_DIRECTORY } from '../paths.ts';
import type { PostPivotWorld } from '../postPivot.ts';
import type { Configuration } from '../validate.ts';

const SYSTEM_CONNECTIONS = '/etc/NetworkManager/system-connections';
/** Stable IPv6 addresses are derived from it, so two hosts must not have the same; NetworkManager makes a new one. */
const ADDRESS_SECRET = '/var/lib/NetworkManager/secret_key';
/** Gone after a reboot, when NetworkManager has read everything anew by itself. */
const STAMP = `${RUNTIME_DIRECTORY}/network-applied`;

/**
 * Keyfiles of the volume and the nmstate document. NetworkManager is restarted only when something was given and not
 * applied since boot; the original restarts it on every attempt.
 */
export async function applyNetwork(world: PostPivotWorld, configuration: Configuration): Promise<void> {
  const { files } = world.host;
  const { connections, target } = configuration;
  const nmstate = (await world.host.has('nmstatectl')) ? target.raw_nm_state_config : '';
  if (connections.length === 0 && nmstate === '') return;
  const digest = createHash('sha256')
    .update(JSON.stringify([connections, nmstate]))
    .digest('hex');
  if ((await files.readIfExists(STAMP))?.toString('utf8') === digest) return;
  await files.makeDirectory(SYSTEM_CONNECTIONS, 0o700);
  for (const { fileName, text } of connections) {
    info(world.logger, `Adding NMConnection file <${fileName}>`);
    await files.write(`${SYSTEM_CONNECTIONS}/${fileName}`, text, { mode: 0o600 });
  }
  if (nmstate !== '') {
    await files.write(`${WORK_DIRECTORY}/nmstate.yaml`, nmstate, { mode: 0o600 });
    await world.host.run(['nmstatectl', 'apply', `${WORK_DIRECTORY}/nmstate.yaml`]);
  }
  await files.remove(ADDRESS_SECRET);
  await systemd(world.host).restart('NetworkManager.service');
  await files.makeDirectory(RUNTIME_DIRECTORY, 0o700);
  await files.write(STAMP, digest);
}

const HOSTNAME_FILE = '/proc/sys/kernel/hostname';

/** The name the kernel has now. */
export const currentHostname = async (world: PostPivotWorld): Promise<string> =>
  ((await world.host.files.readIfExists(HOSTNAME_FILE))?.toString('utf8') ?? 'localhost').trim();

export async function setHostname(world: PostPivotWorld, hostname: string): Promise<void> {
  const { files } = world.host;
  const stored = (await files.readIfExists('/etc/hostname'))?.toString('utf8').trim();
  if (stored === hostname && (await currentHostname(world)) === hostname) return;
  if (await world.host.has('hostnamectl')) {
    await world.host.run(['hostnamectl', 'set-hostname', hostname]);
  } else {
    await files.write('/etc/hostname', `${hostname}\n`);
    await world.host.run(['hostname', hostname]);
  }
}
