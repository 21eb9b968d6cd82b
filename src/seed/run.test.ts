import { expect, test } from 'vitest';
import { silentLogger } from '#base/logger.ts';
import { MemoryHost } from '#system/testing.ts';
import { SEED_PATHS, type SeedContext } from './context.ts';
import { runCreate } from './run.ts';

const context = (host: MemoryHost, skipCleanup: boolean): SeedContext => ({
  host,
  options: { image: 'x', authfile: '/a', recertImage: undefined, skipRecertValidation: false, skipCleanup },
  logger: silentLogger,
  now: () => new Date(0),
  clock: () => 0,
  randomBytes: (size) => Buffer.alloc(size),
  executable: '/x',
  architecture: 'amd64',
});

const enableKubelet = ['systemctl', 'enable', '--now', 'kubelet.service'];

test('a failed step brings the cluster back, and is what is told', async () => {
  const host = new MemoryHost(); // without a kubeconfig the first step fails
  await expect(runCreate(context(host, false))).rejects.toThrow(SEED_PATHS.kubeconfig);
  expect(host.commands).toContainEqual(enableKubelet);
  expect(host.files.tree()).toEqual({});
});

test('unless the user wants to look at what is left', async () => {
  const host = new MemoryHost();
  await expect(runCreate(context(host, true))).rejects.toThrow(SEED_PATHS.kubeconfig);
  expect(host.commands).not.toContainEqual(enableKubelet);
  expect(Object.keys(host.files.tree())).toEqual([SEED_PATHS.journal]);
});
