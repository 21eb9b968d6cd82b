import { randomBytes } from 'node:crypto';
import type { LogRecord } from '#base/logger.ts';
import type { KeySource } from '#pki/keySource.ts';
import { ecKey, TEST_NOW } from '#pki/testing.ts';
import { dataFilesOf } from '#system/dataFiles.ts';
import { hashPassword } from '#system/passwordHasher.ts';
import type { Environment } from '../asset.ts';
import { PasswordSource } from '../passwords.ts';
import type { State } from '../stateFile.ts';
import { AssetStore } from '../store.ts';

/** Keys that cost nothing, for tests that do not look at their kind. */
export const quickKeys: KeySource = { next: async () => ecKey() };

export interface MemoryTarget {
  readonly store: AssetStore;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** A target directory in memory, with all files of a folder and with fixed paths. */
export function memoryTarget(given: {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Environment;
  readonly keys?: KeySource;
  readonly state?: State;
}): MemoryTarget {
  const { files = {}, env = {}, keys = quickKeys, state = new Map() } = given;
  const logged: LogRecord[] = [];
  const store = new AssetStore({
    state,
    readInputs: async (path) =>
      Object.entries(files)
        .filter(([name]) => (path.endsWith('/*') ? name.startsWith(path.slice(0, -1)) : name === path))
        .map(([name, text]) => ({ path: name, content: Buffer.from(text) })),
    context: {
      now: TEST_NOW,
      random: randomBytes,
      keys,
      passwords: new PasswordSource(randomBytes, hashPassword),
      data: dataFilesOf({}),
      logger: { log: (record) => logged.push(record) },
      env,
      unknownKeys: 'error',
    },
  });
  const told = (level: LogRecord['level']): string[] =>
    logged.filter((record) => record.level === level).map(({ message }) => message.trim());
  return {
    store,
    get warnings() {
      return told('warning');
    },
    get infos() {
      return told('info');
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
