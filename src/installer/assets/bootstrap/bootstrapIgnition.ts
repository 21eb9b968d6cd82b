import { info } from '#base/logger.ts';
import { assetFilesOf, defineAsset, stateFileEntry } from '../../asset.ts';
import { certificatesOfIgnition } from '../../certificateExpiry.ts';
import { renderSeconds } from '../../rfc3339.ts';
import { renderBootstrapConfig } from './bootstrapConfig.ts';
import { BOOTSTRAP_INPUTS } from './bootstrapInputs.ts';
import { type BootstrapConfigValue, loadedBootstrapConfig } from './loadedBootstrapConfig.ts';

const PATH = 'bootstrap.ign';

/** What the bootstrap machine boots with. */
export const bootstrapIgnition = defineAsset<BootstrapConfigValue, typeof BOOTSTRAP_INPUTS>({
  name: 'Bootstrap Ignition Config',
  stateKey: '*bootstrap.Bootstrap',
  inputs: BOOTSTRAP_INPUTS,
  source: loadedBootstrapConfig(PATH),
  async generate(values, context) {
    const text = await renderBootstrapConfig(values, undefined, context);
    const ends = certificatesOfIgnition(text).map(({ validUntil }) => validUntil.getTime());
    info(
      context.logger,
      `The certificates of the bootstrap machine are valid until ${renderSeconds(new Date(Math.min(...ends)))}: bootstrap the cluster before then`,
    );
    return { File: stateFileEntry(PATH, text) };
  },
  files: ({ File }) => assetFilesOf([File]),
});
