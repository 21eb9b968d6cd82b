import { defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { mirrorSetOf } from '../manifests/imageDigestMirrorSet.ts';
import { configImageInstallConfig } from './installConfig.ts';

/** The object that tells a cluster where to pull its images from; nothing without `imageDigestSources`. */
export const imageDigestMirrorSet = defineAsset({
  name: 'Image-based installer image digest sources',
  stateKey: '*configimage.ImageDigestMirrorSet',
  inputs: { installConfig: configImageInstallConfig },
  generate({ installConfig }): { readonly File: StateFileEntry | null } {
    const sources = installConfig?.config.imageDigestSources ?? [];
    if (sources.length === 0) return { File: null };
    const object = JSON.stringify(mirrorSetOf(sources));
    return { File: stateFileEntry('cluster-configuration/manifests/image-digest-mirror-set.json', object) };
  },
});
