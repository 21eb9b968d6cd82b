import type { ImageSource } from '#api/installConfig.ts';
import { defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { configImageInstallConfig } from './installConfig.ts';

/** The object that tells a cluster where to pull its images from; nothing without `imageDigestSources`. */
export const imageDigestMirrorSet = defineAsset({
  name: 'Image-based installer image digest sources',
  stateKey: '*configimage.ImageDigestMirrorSet',
  inputs: { installConfig: configImageInstallConfig },
  generate({ installConfig }): { readonly File: StateFileEntry | null } {
    const sources = installConfig?.config.imageDigestSources ?? [];
    if (sources.length === 0) return { File: null };
    const object = JSON.stringify(mirrorSet(sources));
    return { File: stateFileEntry('cluster-configuration/manifests/image-digest-mirror-set.json', object) };
  },
});

const mirrorSet = (sources: readonly ImageSource[]): object => ({
  kind: 'ImageDigestMirrorSet',
  apiVersion: 'config.openshift.io/v1',
  metadata: { name: 'image-digest-mirror', creationTimestamp: null },
  spec: {
    imageDigestMirrors: sources.map(({ source, mirrors, sourcePolicy }) => ({
      source,
      ...(mirrors.length > 0 && { mirrors }),
      ...(sourcePolicy !== '' && { mirrorSourcePolicy: sourcePolicy }),
    })),
  },
  status: {},
});
