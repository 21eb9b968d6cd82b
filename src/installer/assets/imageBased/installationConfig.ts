import {
  type ImageBasedInstallationConfig,
  parseImageBasedInstallationConfig,
} from '#api/ibiInstallationConfig.ts';
import { Failure } from '#base/failure.ts';
import { defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { refusedInput } from '../../refusedInput.ts';
import { validateInstallationConfig } from '../../rules/installationConfigRules.ts';
import { INSTALLATION_CONFIG_TEMPLATE } from './installationConfigTemplate.ts';

const PATH = 'image-based-installation-config.yaml';

/** Without `config` where the file is only the template that this program made. */
interface InstallationConfigValue {
  readonly config?: ImageBasedInstallationConfig;
  readonly file: StateFileEntry;
}

/** `image-based-installation-config.yaml`; generated, it is the template. An existing file is checked and written back as it is. */
export const installationConfig = defineAsset<InstallationConfigValue, Record<never, never>>({
  name: 'Image-based Installation ISO Config',
  stateKey: '*image.ImageBasedInstallationConfig',
  inputs: {},
  source: {
    path: PATH,
    parse([file]) {
      const text = file!.content.toString('utf8');
      const parsed = parseImageBasedInstallationConfig(text, validateInstallationConfig);
      if (parsed.ok) {
        return { value: { config: parsed.value, file: stateFileEntry(PATH, text) }, warnings: parsed.report };
      }
      const hasShape = parseImageBasedInstallationConfig(text, () => []).ok;
      const wording = hasShape
        ? 'invalid Image-based Installation ISO Config'
        : `failed to unmarshal ${PATH}`;
      throw refusedInput({ file: PATH, report: parsed.report, wording });
    },
  },
  generate: () => ({ file: stateFileEntry(PATH, INSTALLATION_CONFIG_TEMPLATE) }),
  files: ({ file }) => [{ path: file.Filename, content: Buffer.from(file.Data, 'base64'), mode: 0o600 }],
});

/** For assets that can't do without it. @throws Failure installer/input-missing */
export function requireInstallationConfig({ config }: InstallationConfigValue): ImageBasedInstallationConfig {
  if (config !== undefined) return config;
  throw new Failure({
    code: 'installer/input-missing',
    message: `${PATH} is required`,
    hint: `put ${PATH} into the directory; "image-based create image-config-template" makes a sample of it`,
  });
}
