import { createHash } from 'node:crypto';
import { note } from '../note.ts';
import { PULL_SECRET, RUNTIME_DIRECTORY } from '../paths.ts';
import type { PostPivotWorld } from '../postPivot.ts';
import { splitPublicKeys } from '../sshAccess.ts';

export const EARLY_ACCESS = '/home/core/.ssh/authorized_keys.d/ib-early-access';

/** Lets the owner of the given keys in as user core before the cluster runs (lifecycle-agent 11.1, step 4). */
export async function grantSshAccess(world: PostPivotWorld, publicKeys: string): Promise<void> {
  if (publicKeys === '') return;
  const { files } = world.host;
  const core = await findUser(world, 'core');
  if (core === undefined) return note(world, 'this host has no user core: the SSH key is not put in place');
  const text = `${splitPublicKeys(publicKeys).join('\n')}\n`;
  await files.makeDirectory(EARLY_ACCESS.slice(0, EARLY_ACCESS.lastIndexOf('/')));
  await files.write(EARLY_ACCESS, text, { mode: 0o600, ...core });
}

async function findUser(
  world: PostPivotWorld,
  name: string,
): Promise<{ uid: number; gid: number } | undefined> {
  const passwd = (await world.host.files.readIfExists('/etc/passwd'))?.toString('utf8') ?? '';
  // RHCOS keeps its built-in users in a second file.
  const altfiles = (await world.host.files.readIfExists('/usr/lib/passwd'))?.toString('utf8') ?? '';
  const line = `${passwd}\n${altfiles}`.split('\n').find((l) => l.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** The kubelet and the container engine pull with it. */
export async function writePullSecret(world: PostPivotWorld, pullSecret: string): Promise<void> {
  await world.host.files.makeDirectory('/var/lib/kubelet', 0o700);
  await world.host.files.write(PULL_SECRET, pullSecret, { mode: 0o600 });
}

const ANCHOR_FILE = 'openshift-config-user-ca-bundle.crt';
/** Red Hat's and Debian's ways to add authorities to the system's trust. */
const TRUST = [
  { program: 'update-ca-trust', anchors: '/etc/pki/ca-trust/source/anchors' },
  { program: 'update-ca-certificates', anchors: '/usr/local/share/ca-certificates' },
];
/** Where the bundle lies afterwards, by program. */
export const USER_BUNDLE_FILES = TRUST.map(({ anchors }) => `${anchors}/${ANCHOR_FILE}`);

/** Does nothing when the bundle is there already: an update takes seconds. */
export async function trustUserBundle(world: PostPivotWorld, bundle: string): Promise<void> {
  if (bundle === '') return;
  const { host } = world;
  for (const { program, anchors } of TRUST) {
    if (!(await host.has(program))) continue;
    const path = `${anchors}/${ANCHOR_FILE}`;
    const stamp = `${RUNTIME_DIRECTORY}/trusted-${createHash('sha256').update(bundle).digest('hex').slice(0, 16)}`;
    if (
      (await host.files.readIfExists(path))?.toString('utf8') === bundle &&
      (await host.files.exists(stamp))
    )
      return;
    await host.files.makeDirectory(anchors);
    await host.files.write(path, bundle, { mode: 0o600 });
    await host.run([program]);
    await host.files.makeDirectory(RUNTIME_DIRECTORY, 0o700);
    await host.files.write(stamp, '');
    return;
  }
  note(
    world,
    'neither update-ca-trust nor update-ca-certificates is here: the user CA bundle is not in the system trust',
  );
}
