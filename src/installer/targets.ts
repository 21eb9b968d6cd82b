import type { AnyAsset } from './asset.ts';
import { configImage } from './assets/imageBased/configImage.ts';
import { imageBasedConfig } from './assets/imageBased/imageBasedConfig.ts';
import { installationConfig } from './assets/imageBased/installationConfig.ts';
import { installationImage } from './assets/imageBased/installationImage.ts';
import { installConfig } from './assets/installConfig/installConfig.ts';
import { kubeadminPassword } from './assets/kubeadminPassword.ts';
import { imageBasedAdminKubeconfig } from './assets/kubeconfig/imageBasedAdminClient.ts';

/** A command that makes files: its assets in the order in which they are fetched and reported. */
export interface Target {
  /** Stands in `<title> created in: <directories>`. */
  readonly title: string;
  /** Upstream has no such line for this target. */
  readonly isUnannounced?: true;
  readonly assets: readonly AnyAsset[];
}

export const TARGETS = {
  'install-config': { title: 'Install-Config', assets: [installConfig] },
  'image-based image-config-template': { title: 'Image-Config-Template', assets: [installationConfig] },
  'image-based image': { title: 'Image', isUnannounced: true, assets: [installationImage] },
  'image-based config-template': { title: 'Config-Template', assets: [imageBasedConfig] },
  'image-based config-image': {
    title: 'Config-Image',
    assets: [configImage, imageBasedAdminKubeconfig, kubeadminPassword],
  },
} satisfies Record<string, Target>;
