import { randomBytes } from 'node:crypto';
import type { LogRecord } from '#base/logger.ts';
import type { KeySource } from '#pki/keySource.ts';
import { ecKey, TEST_NOW } from '#pki/testing.ts';
import { dataFilesOf } from '#system/dataFiles.ts';
import type { Environment } from '../asset.ts';
import { AssetStore } from '../store.ts';

/** Keys that cost nothing, for tests that do not look at their kind. */
export const quickKeys: KeySource = { next: async () => ecKey() };

export interface MemoryTarget {
  readonly store: AssetStore;
  readonly warnings: readonly string[];
}

/** A target directory in memory, with fixed paths only. */
export function memoryTarget(given: {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Environment;
  readonly keys?: KeySource;
}): MemoryTarget {
  const { files = {}, env = {}, keys = quickKeys } = given;
  const logged: LogRecord[] = [];
  const store = new AssetStore({
    state: new Map(),
    readInputs: async (path) =>
      files[path] === undefined ? [] : [{ path, content: Buffer.from(files[path]) }],
    context: {
      now: TEST_NOW,
      random: randomBytes,
      keys,
      data: dataFilesOf({}),
      logger: { log: (record) => logged.push(record) },
      env,
      unknownKeys: 'error',
    },
  });
  return {
    store,
    get warnings() {
      return logged.filter(({ level }) => level === 'warning').map(({ message }) => message.trim());
    },
  };
}

/** A valid `install-config.yaml` of a single node; members of `changes` take the place of its own. */
export const installConfigText = (changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    baseDomain: 'example.com',
    metadata: { name: 'lab' },
    controlPlane: { name: 'master', replicas: 1 },
    compute: [{ name: 'worker', replicas: 0 }],
    networking: networkingOf({}),
    platform: { none: {} },
    pullSecret: JSON.stringify({ auths: { 'registry.example.com': { auth: 'dXNlcjpwYXNz' } } }),
    ...changes,
  });

/** The section `networking` of such a file. */
export const networkingOf = (changes: Readonly<Record<string, unknown>>): object => ({
  networkType: 'OVNKubernetes',
  clusterNetwork: [{ cidr: '10.128.0.0/14', hostPrefix: 23 }],
  machineNetwork: [{ cidr: '192.0.2.0/24' }],
  serviceNetwork: ['172.30.0.0/16'],
  ...changes,
});
