import { defineAsset } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { manifestFile } from './manifestFile.ts';

/** Where images are pulled from instead, in the old form; nothing without `imageContentSources`. */
export const imageContentSourcePolicy = defineAsset({
  name: 'Image Content Source Policy',
  stateKey: '*manifests.ImageContentSourcePolicy',
  inputs: { installConfig },
  generate({ installConfig: { config } }): FileListValue {
    const sources = config.imageContentSources;
    if (sources.length === 0) return { FileList: [] };
    const object = {
      apiVersion: 'operator.openshift.io/v1alpha1',
      kind: 'ImageContentSourcePolicy',
      metadata: { creationTimestamp: null, name: 'image-policy' },
      spec: {
        repositoryDigestMirrors: sources.map(({ source, mirrors }) => ({
          ...(mirrors.length > 0 && { mirrors }),
          source,
        })),
      },
    };
    return { FileList: [manifestFile('image-content-source-policy.yaml', object)] };
  },
});
