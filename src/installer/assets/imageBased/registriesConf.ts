import { renderRegistriesConf } from '#formats/registriesConf.ts';
import { defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { installationConfig } from './installationConfig.ts';

/** Where the installing host pulls its images from; nothing without mirrors. */
export const registriesConf = defineAsset({
  name: 'Mirror Registries Config',
  stateKey: '*image.RegistriesConf',
  inputs: { installationConfig },
  generate(inputs): { readonly File: StateFileEntry | null } {
    const sources = inputs.installationConfig.config?.imageDigestSources ?? [];
    const text = renderRegistriesConf(sources.map(({ source, mirrors }) => ({ location: source, mirrors })));
    return { File: text === '' ? null : stateFileEntry('registries.conf', text) };
  },
});
