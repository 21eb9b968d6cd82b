import type { IsoPlanEntry } from '#formats/iso9660.ts';
import { defineAsset, type StateFileEntry } from '../../asset.ts';
import { clusterConfiguration } from './clusterConfiguration.ts';
import { extraManifests } from './extraManifests.ts';
import { imageDigestMirrorSet } from './imageDigestMirrorSet.ts';

/** The host finds the volume by this label. */
const VOLUME_ID = 'cluster-config';

/** They are in every config ISO: the original's post-pivot fails without the second. */
const DIRECTORIES = ['cluster-configuration', 'cluster-configuration/manifests', 'extra-manifests'];

/** `imagebasedconfig.iso` (spec/installer/09.5, modes inside as in spec/additions 5). */
export const configImage = defineAsset({
  name: 'Image-based Installer Config ISO',
  stateKey: '*configimage.ConfigImage',
  inputs: { clusterConfiguration, imageDigestMirrorSet, extraManifests },
  writeFailure: 'cannot generate config image due to configuration errors',
  generate: (inputs): { readonly FileList: readonly StateFileEntry[] } => ({
    FileList: [
      inputs.clusterConfiguration.File,
      ...(inputs.imageDigestMirrorSet.File === null ? [] : [inputs.imageDigestMirrorSet.File]),
      ...inputs.extraManifests.FileList,
    ],
  }),
  iso: ({ FileList }, { now }) => ({
    path: 'imagebasedconfig.iso',
    mode: 0o640,
    plan: {
      volumeId: VOLUME_ID,
      created: now,
      rootMode: 0o700,
      entries: [
        ...DIRECTORIES.map((path): IsoPlanEntry => ({ path, mode: 0o755 })),
        ...FileList.map(
          ({ Filename, Data }): IsoPlanEntry => ({
            path: Filename,
            mode: 0o644,
            content: Buffer.from(Data, 'base64'),
          }),
        ),
      ],
    },
  }),
});
