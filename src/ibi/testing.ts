import type { IBIPrepareConfig } from '#api/ibiConfiguration.ts';
import { silentLogger } from '#base/logger.ts';
import { type Answer, MemoryHost } from '#system/testing.ts';
import { type IbiContext, ibiPaths } from './context.ts';

export const ibiConfig = (extra: Partial<IBIPrepareConfig> = {}): IBIPrepareConfig => ({
  seedImage: 'r.test/seed:1',
  seedVersion: '4.19.0',
  installationDisk: '/dev/disk/by-id/x',
  releaseRegistry: '',
  precacheBestEffort: false,
  precacheDisabled: false,
  shutdown: false,
  useContainersFolder: false,
  extraPartitionStart: '-40G',
  extraPartitionLabel: 'var-lib-containers',
  extraPartitionNumber: 5,
  skipDiskCleanup: false,
  coreosInstallerArgs: [],
  ...extra,
});

/** A context over a host in memory. */
export function ibiContext(
  config: Partial<IBIPrepareConfig>,
  files: Readonly<Record<string, string>>,
  answer: Answer,
): IbiContext & { readonly host: MemoryHost } {
  return {
    host: new MemoryHost(files, answer),
    logger: silentLogger,
    config: ibiConfig(config),
    options: {
      ...{ resultFile: '/run/lca-ibi/result.json', startOver: false, toolVersion: '0.0.0' },
      ...{ registryTimeoutSeconds: 60, registryAttempts: 5 },
    },
    paths: ibiPaths('/var/tmp', undefined),
    now: () => new Date(0),
    clock: () => 0,
    randomBytes: (size) => Buffer.alloc(size, 0xff),
    architecture: 'amd64',
    env: {},
  };
}
