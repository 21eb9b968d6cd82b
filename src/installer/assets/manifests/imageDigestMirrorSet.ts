import type { ImageSource } from '#api/installConfig.ts';
import { defineAsset } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { manifestFile } from './manifestFile.ts';

/** Where images are pulled from instead; nothing without `imageDigestSources`. */
export const imageDigestMirrorSet = defineAsset({
  name: 'Image Digest Mirror Set',
  stateKey: '*manifests.ImageDigestMirrorSet',
  inputs: { installConfig },
  generate({ installConfig: { config } }): FileListValue {
    const sources = config.imageDigestSources;
    if (sources.length === 0) return { FileList: [] };
    return { FileList: [manifestFile('image-digest-mirror-set.yaml', mirrorSetOf(sources))] };
  },
});

/** The object that tells a cluster of the mirrors of registries. */
export const mirrorSetOf = (sources: readonly ImageSource[]): object => ({
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
