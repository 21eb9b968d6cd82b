import type { AnyAsset } from './asset.ts';
import { imageBasedAdminKubeconfig } from './assets/adminKubeconfig.ts';
import { configImage } from './assets/configImage.ts';
import { imageBasedConfig } from './assets/imageBasedConfig.ts';
import { kubeadminPassword } from './assets/kubeadminPassword.ts';

/** A command that makes files: its assets in the order in which they are fetched and reported. */
export interface Target {
  /** Stands in `<title> created in: <directories>`. */
  readonly title: string;
  readonly assets: readonly AnyAsset[];
}

export const TARGETS = {
  'image-based config-template': { title: 'Config-Template', assets: [imageBasedConfig] },
  'image-based config-image': {
    title: 'Config-Image',
    assets: [configImage, imageBasedAdminKubeconfig, kubeadminPassword],
  },
} satisfies Record<string, Target>;
