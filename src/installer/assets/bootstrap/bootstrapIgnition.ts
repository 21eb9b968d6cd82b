import { assetFilesOf, defineAsset, stateFileEntry } from '../../asset.ts';
import { renderBootstrapConfig } from './bootstrapConfig.ts';
import { BOOTSTRAP_INPUTS } from './bootstrapInputs.ts';
import { expiryNotice } from './expiryNotice.ts';
import { type BootstrapConfigValue, loadedBootstrapConfig } from './loadedBootstrapConfig.ts';

const PATH = 'bootstrap.ign';

/** What the bootstrap machine boots with. */
export const bootstrapIgnition = defineAsset<BootstrapConfigValue, typeof BOOTSTRAP_INPUTS>({
  name: 'Bootstrap Ignition Config',
  stateKey: '*bootstrap.Bootstrap',
  inputs: BOOTSTRAP_INPUTS,
  source: loadedBootstrapConfig(PATH),
  generate: async (values, context) => ({
    File: stateFileEntry(PATH, await renderBootstrapConfig(values, undefined, context)),
  }),
  files: ({ File }) => assetFilesOf([File]),
  notice: expiryNotice,
});
