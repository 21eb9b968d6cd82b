import type { InstallConfig } from '#api/installConfig.ts';
import { renderInstallConfig } from '#api/installConfigText.ts';
import { Failure } from '#base/failure.ts';
import { assetFilesOf, defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { refusedInput } from '../../refusedInput.ts';
import { readInstallConfig } from '../../rules/readInstallConfig.ts';
import { tellUnknownField } from '../../unknownFields.ts';

export const INSTALL_CONFIG = 'install-config.yaml';

export interface InstallConfigValue {
  readonly config: InstallConfig;
  readonly file: StateFileEntry;
}

/** `install-config.yaml` for a cluster of any kind: converted, defaulted and valid by every rule (spec/installer/03). */
export const installConfig = defineAsset<InstallConfigValue, Record<never, never>>({
  name: 'Install Config',
  stateKey: '*installconfig.InstallConfig',
  inputs: {},
  source: {
    path: INSTALL_CONFIG,
    parse([file], { unknownKeys, logger }) {
      const read = readInstallConfig(file!.content.toString('utf8'), { unknownKeys, isAgent: false });
      const report = tellUnknownField(read.report, logger, ': ');
      if (!read.ok) {
        throw refusedInput({
          file: INSTALL_CONFIG,
          report,
          wording: `failed to create install config: invalid "${INSTALL_CONFIG}" file`,
        });
      }
      return { value: valueOf(read.value), warnings: report };
    },
  },
  generate() {
    throw new Failure({
      code: 'installer/install-config-missing',
      message: `missing ${INSTALL_CONFIG}`,
      hint: `put ${INSTALL_CONFIG} into the directory`,
    });
  },
  files: ({ file }) => assetFilesOf([file]),
});

const valueOf = (config: InstallConfig): InstallConfigValue => ({
  config,
  file: stateFileEntry(INSTALL_CONFIG, renderInstallConfig(config)),
});
