import { expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { RECERT_SUMMARIES, SEED_PATHS } from './context.ts';
import { RECERT_STEP, restoreSeed } from './restore.ts';
import { seedContext } from './testing.ts';

const journal = (step: string) =>
  `${JSON.stringify({ step, event: 'start', input: 'i', at: '2026-01-01T00:00:00Z' })}\n`;

const leftBehind = (step: string) => ({
  [SEED_PATHS.journal]: journal(step),
  [`${SEED_PATHS.backup}/var.tgz`]: 'x',
  [`${SEED_PATHS.keys}/kubeadmin-password-hash.txt`]: 'hash',
  [SEED_PATHS.clusterInfo]: '{}',
  [RECERT_SUMMARIES.creation]: 'certificates',
  '/etc/systemd/system/installation-configuration.service': 'unit',
  '/etc/systemd/system/other.service': 'not ours',
  '/etc/issue.d/70_lca-post-pivot.issue': 'a link',
});

test('before the crypto was touched, everything is put back and kubelet is enabled', async () => {
  const host = new MemoryHost(leftBehind('archive var'));
  await restoreSeed(seedContext(host));
  expect(host.files.tree()).toEqual({
    '/etc/systemd/system/other.service': 'not ours',
    [RECERT_SUMMARIES.creation]: 'certificates',
  });
  const disable = ['systemctl', 'disable', '--now', 'installation-configuration.service'];
  expect(host.commands).toContainEqual(disable);
  expect(host.commands.at(-1)).toEqual(['systemctl', 'enable', '--now', 'kubelet.service']);
});

/** A host whose cluster is down. */
const stopped = (argv: readonly string[]) => ({ code: argv.includes('is-active') ? 3 : 0 });

test('when the crypto can not be restored, its keys and the journal stay, and kubelet starts all the same', async () => {
  // No etcd data: the temporary etcd can't start.
  const host = new MemoryHost({ ...leftBehind(RECERT_STEP), '/proc/self/mountinfo': '' }, stopped);
  await expect(restoreSeed(seedContext(host))).rejects.toMatchObject({ code: 'seed/restoration-incomplete' });
  const kept = Object.keys(host.files.tree());
  expect(kept).toContain(`${SEED_PATHS.keys}/kubeadmin-password-hash.txt`);
  expect(kept).toContain(SEED_PATHS.journal);
  expect(kept).not.toContain(RECERT_SUMMARIES.creation); // recert must not renew what is told there
  expect(host.commands.at(-1)).toEqual(['systemctl', 'enable', '--now', 'kubelet.service']);
});

test('one failed part does not keep the others from being tried', async () => {
  const host = new MemoryHost(leftBehind('archive var'), (argv) =>
    argv.includes('--now') ? { code: 1, stderr: 'no' } : {},
  );
  await expect(restoreSeed(seedContext(host))).rejects.toThrow('encountered 2 errors during restoration');
  expect(Object.keys(host.files.tree())).not.toContain(`${SEED_PATHS.backup}/var.tgz`);
});
