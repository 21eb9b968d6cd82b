import { expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { SEED_PATHS } from './context.ts';
import { runCreate } from './run.ts';
import { seedContext } from './testing.ts';

const enableKubelet = ['systemctl', 'enable', '--now', 'kubelet.service'];

test('a failed step brings the cluster back, and is what is told', async () => {
  const host = new MemoryHost(); // without a kubeconfig the first step fails
  await expect(runCreate(seedContext(host))).rejects.toThrow(SEED_PATHS.kubeconfig);
  expect(host.commands).toContainEqual(enableKubelet);
  expect(host.files.tree()).toEqual({});
});

test('unless the user wants to look at what is left', async () => {
  const host = new MemoryHost();
  await expect(runCreate(seedContext(host, { skipCleanup: true }))).rejects.toThrow(SEED_PATHS.kubeconfig);
  expect(host.commands).not.toContainEqual(enableKubelet);
  expect(Object.keys(host.files.tree())).toEqual([SEED_PATHS.journal]);
});
