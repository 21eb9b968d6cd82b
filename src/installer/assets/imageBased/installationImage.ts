import { defineAsset } from '../../asset.ts';
import { installationConfig } from './installationConfig.ts';
import { installationIgnition } from './installationIgnition.ts';

/** `rhcos-ibi.iso`: a CoreOS live ISO that installs a seed image to the disk of the host it boots on (spec/installer/09.2). */
export const installationImage = defineAsset({
  name: 'Image-based Installation ISO',
  stateKey: '*image.Image',
  inputs: { installationConfig, installationIgnition },
  writeFailure: 'could not generate image because of configuration errors',
  generate: (inputs): { readonly Config: string } => ({ Config: inputs.installationIgnition.Config }),
  liveIso: ({ Config }) => ({ path: 'rhcos-ibi.iso', mode: 0o640, ignition: Config }),
});
