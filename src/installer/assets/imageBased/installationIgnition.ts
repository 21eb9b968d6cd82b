import { type IBIPrepareConfig, renderIBIPrepareConfig } from '#api/ibiConfiguration.ts';
import type { ImageBasedInstallationConfig } from '#api/ibiInstallationConfig.ts';
import {
  emptyIgnition,
  type IgnitionConfig,
  type IgnitionFile,
  ignitionFile,
  renderIgnition,
} from '#api/ignition.ts';
import { warn } from '#base/logger.ts';
import { defineAsset, type GenerateContext, type StateFileEntry } from '../../asset.ts';
import { overrideIgnition } from '../../ignitionMerge.ts';
import { installationConfig, requireInstallationConfig } from './installationConfig.ts';
import { INSTALLATION_PATHS, INSTALLATION_SCRIPT, installationUnits } from './installationUnits.ts';
import { renderNetworkConfig } from './networkConfig.ts';
import { postDeployment } from './postDeployment.ts';
import { registriesConf } from './registriesConf.ts';

/** The host's own defaults, for fields that are given as empty. */
const DEFAULT_LABEL = 'var-lib-containers';
const DEFAULT_NUMBER = 5;

/**
 * What the live system is to be: the user's access and files, the user's override on top, and then what makes it
 * install (spec/installer/09.2), which an override can't replace.
 */
export const installationIgnition = defineAsset({
  name: 'Image-based Installer Ignition',
  stateKey: '*image.Ignition',
  inputs: { installationConfig, registriesConf, postDeployment },
  generate(inputs, { logger }): { readonly Config: string } {
    const config = requireInstallationConfig(inputs.installationConfig);
    const own: IgnitionConfig = {
      ...emptyIgnition(),
      passwd: { users: [{ name: 'core', sshAuthorizedKeys: [config.sshKey] }] },
      storage: { files: optionalFiles(config, inputs.registriesConf.File, inputs.postDeployment.File) },
    };
    const overridden = overrideIgnition(own, config.ignitionConfigOverride);
    return { Config: renderIgnition(withFixedParts(overridden, config, logger)) };
  },
});

function optionalFiles(
  config: ImageBasedInstallationConfig,
  registries: StateFileEntry | null,
  postScript: StateFileEntry | null,
): IgnitionFile[] {
  const { registries: registriesPath, trustBundle, postScript: postPath } = INSTALLATION_PATHS;
  const bundle = config.additionalTrustBundle;
  return [
    ...(registries === null ? [] : [ignitionFile(registriesPath, 0o644, contentOf(registries))]),
    ...(bundle === '' ? [] : [ignitionFile(trustBundle, 0o600, bundle)]),
    ...(postScript === null ? [] : [ignitionFile(postPath, 0o755, contentOf(postScript))]),
  ];
}

const contentOf = ({ Data }: StateFileEntry): Buffer => Buffer.from(Data, 'base64');

/** Data files end with one newline, also where they are empty, as upstream writes them. */
const fixedFiles = (config: ImageBasedInstallationConfig): IgnitionFile[] => [
  ignitionFile(INSTALLATION_PATHS.script, 0o555, INSTALLATION_SCRIPT),
  ignitionFile(
    INSTALLATION_PATHS.configuration,
    0o600,
    `${renderIBIPrepareConfig(prepareConfigOf(config))}\n`,
  ),
  ignitionFile(
    INSTALLATION_PATHS.networkConfig,
    0o600,
    `${renderNetworkConfig(config.networkConfig).trimEnd()}\n`,
  ),
  ignitionFile(INSTALLATION_PATHS.pullSecret, 0o600, `${config.pullSecret.trimEnd()}\n`),
];

const prepareConfigOf = (config: ImageBasedInstallationConfig): IBIPrepareConfig => ({
  seedImage: config.seedImage,
  seedVersion: config.seedVersion,
  installationDisk: config.installationDisk,
  releaseRegistry: config.releaseRegistry,
  precacheBestEffort: false,
  precacheDisabled: false,
  shutdown: config.shutdown,
  useContainersFolder: false,
  extraPartitionStart: config.extraPartitionStart,
  extraPartitionLabel: config.extraPartitionLabel || DEFAULT_LABEL,
  extraPartitionNumber: config.extraPartitionNumber || DEFAULT_NUMBER,
  skipDiskCleanup: config.skipDiskCleanup,
  coreosInstallerArgs: config.coreosInstallerArgs,
});

/** Ignition refuses a config with two entries of a name, and would do so on the host: ours take the place of the user's. */
function withFixedParts(
  config: IgnitionConfig,
  source: ImageBasedInstallationConfig,
  logger: GenerateContext['logger'],
): IgnitionConfig {
  const files = fixedFiles(source);
  const units = installationUnits(source);
  const paths = new Set(files.map(({ path }) => path));
  const names = new Set(units.map(({ name }) => name));
  const kept = {
    files: (config.storage.files ?? []).filter(({ path }) => !paths.has(path)),
    units: (config.systemd.units ?? []).filter(({ name }) => !names.has(name)),
  };
  const replaced = [
    ...(config.storage.files ?? []).filter((file) => !kept.files.includes(file)).map(({ path }) => path),
    ...(config.systemd.units ?? []).filter((unit) => !kept.units.includes(unit)).map(({ name }) => name),
  ];
  for (const name of replaced)
    warn(logger, `${name} of ignitionConfigOverride is ignored: the installation needs its own`);
  return {
    ...config,
    storage: { ...config.storage, files: [...kept.files, ...files] },
    systemd: { ...config.systemd, units: [...kept.units, ...units] },
  };
}
