import * as z from 'zod';
import { type Parsed, type Problem, problem } from '#base/report.ts';
import { decodeText, flag, mapping, optional, text, textList, textOrEmpty } from './shape.ts';

/** What `lca-cli ibi -f` reads (`ibi-configuration.json` in an installation ISO). Defaults are filled in when read. */
export interface IBIPrepareConfig {
  readonly seedImage: string;
  /** Must equal the seed's `seed_cluster_ocp_version`; the stateroot is named after it. */
  readonly seedVersion: string;
  /** Device path. */
  readonly installationDisk: string;
  /** Takes the place of the seed's release registry in the precached images. Empty: it stays. */
  readonly releaseRegistry: string;
  readonly precacheBestEffort: boolean;
  readonly precacheDisabled: boolean;
  /** Power off at the end. */
  readonly shutdown: boolean;
  /** Keep the container store on the root partition: no extra partition is made. */
  readonly useContainersFolder: boolean;
  /** `[+-]<number>[K|M|G|T]`: negative is the size at the end of the disk, positive the start offset. */
  readonly extraPartitionStart: string;
  /** GPT partition name. */
  readonly extraPartitionLabel: string;
  readonly extraPartitionNumber: number;
  readonly skipDiskCleanup: boolean;
  readonly coreosInstallerArgs: readonly string[];
  /** Ours: refuse a seed of which the opposite is true. Left out: whatever the seed has. */
  readonly expectProxy?: boolean;
  readonly expectFips?: boolean;
}

const schema = mapping({
  seedImage: textOrEmpty,
  seedVersion: textOrEmpty,
  installationDisk: textOrEmpty,
  releaseRegistry: textOrEmpty,
  precacheBestEffort: flag,
  precacheDisabled: flag,
  shutdown: flag,
  useContainersFolder: flag,
  extraPartitionStart: text.default('-40G'),
  extraPartitionLabel: text.default('var-lib-containers'),
  extraPartitionNumber: z.int({ error: 'expected a whole number' }).positive('must be positive').default(5),
  skipDiskCleanup: flag,
  coreosInstallerArgs: textList,
  expectProxy: optional(z.boolean({ error: 'expected true or false' })),
  expectFips: optional(z.boolean({ error: 'expected true or false' })),
});

/** Fields of the original's wider ImageBasedInstallConfig: its on-host installer does not look at them. */
const WIDER_KEYS = [
  'rhcosLiveIso',
  'nmStateConfig',
  'pullSecret',
  'proxy',
  'imageDigestSources',
  'additionalTrustBundle',
  'sshKey',
  'ignitionConfigOverride',
];

/**
 * Reads and validates the file; JSON or YAML. Fields that the original has elsewhere are ignored; any other unknown
 * field is an error, because a misspelled `skipDiskCleanup` must not cost a disk.
 */
export function parseIBIPrepareConfig(source: string): Parsed<IBIPrepareConfig> {
  return decodeText(source, {
    schema,
    unknownKeys: 'error',
    ignoredKeys: WIDER_KEYS,
    rules: validateIBIPrepareConfig,
  });
}

function validateIBIPrepareConfig(config: IBIPrepareConfig): Problem[] {
  const found: Problem[] = (['seedImage', 'seedVersion', 'installationDisk'] as const)
    .filter((key) => config[key] === '')
    .map((key) => problem(key, 'is required'));
  if (config.installationDisk !== '' && !config.installationDisk.startsWith('/')) {
    found.push(
      problem('installationDisk', `"${config.installationDisk}" is not the absolute path of a device`),
    );
  }
  if (!/^(0|[+-]?\d+[KMGT])$/.test(config.extraPartitionStart)) {
    found.push(
      problem(
        'extraPartitionStart',
        `"${config.extraPartitionStart}" must be 0 or [+-]<whole number>[KMGT]: the installer has no decimals and no B, the host has no P`,
      ),
    );
  }
  if (config.extraPartitionLabel === '') found.push(problem('extraPartitionLabel', 'can not be empty'));
  return found;
}

/** JSON with the keys that the official installer writes, and those without which another value would be the default. */
export function renderIBIPrepareConfig(config: IBIPrepareConfig): string {
  return JSON.stringify({
    extraPartitionLabel: config.extraPartitionLabel,
    extraPartitionNumber: config.extraPartitionNumber,
    extraPartitionStart: config.extraPartitionStart,
    installationDisk: config.installationDisk,
    releaseRegistry: config.releaseRegistry === '' ? undefined : config.releaseRegistry,
    seedImage: config.seedImage,
    seedVersion: config.seedVersion,
    shutdown: config.shutdown || undefined,
    skipDiskCleanup: config.skipDiskCleanup || undefined,
    coreosInstallerArgs: config.coreosInstallerArgs.length === 0 ? undefined : config.coreosInstallerArgs,
    useContainersFolder: config.useContainersFolder || undefined,
    precacheBestEffort: config.precacheBestEffort || undefined,
    precacheDisabled: config.precacheDisabled || undefined,
    expectProxy: config.expectProxy,
    expectFips: config.expectFips,
  });
}
