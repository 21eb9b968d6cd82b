import { type ImageBasedConfig, parseImageBasedConfig } from '#api/imageBasedConfig.ts';
import { defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { refusedInput } from '../../refusedInput.ts';
import { validateImageBasedConfig } from '../../rules/imageBasedConfigRules.ts';
import { IMAGE_BASED_CONFIG_TEMPLATE } from './imageBasedConfigTemplate.ts';

const PATH = 'image-based-config.yaml';

/** Without `config` where the file is only the template that this program made. */
export interface ImageBasedConfigValue {
  readonly config?: ImageBasedConfig;
  readonly file: StateFileEntry;
}

/** `image-based-config.yaml`; generated, it is the template. An existing file is checked and written back as it is. */
export const imageBasedConfig = defineAsset<ImageBasedConfigValue, Record<never, never>>({
  name: 'Image-based Config ISO configuration',
  stateKey: '*configimage.ImageBasedConfig',
  inputs: {},
  source: {
    path: PATH,
    parse([file]) {
      const text = file!.content.toString('utf8');
      const parsed = parseImageBasedConfig(text, validateImageBasedConfig);
      if (parsed.ok) {
        return { value: { config: parsed.value, file: stateFileEntry(PATH, text) }, warnings: parsed.report };
      }
      const hasShape = parseImageBasedConfig(text, () => []).ok;
      const wording = hasShape ? 'invalid Image-based Config configuration' : `failed to unmarshal ${PATH}`;
      throw refusedInput({ file: PATH, report: parsed.report, wording });
    },
  },
  generate: () => ({ file: stateFileEntry(PATH, IMAGE_BASED_CONFIG_TEMPLATE) }),
  files: ({ file }) => [{ path: file.Filename, content: Buffer.from(file.Data, 'base64'), mode: 0o600 }],
});
