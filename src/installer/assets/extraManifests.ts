import { defineAsset, type StateFileEntry, stateFileEntry } from '../asset.ts';

/** YAML and JSON files of the user that are applied to the cluster as they are. */
export const extraManifests = defineAsset<
  { readonly FileList: readonly StateFileEntry[] },
  Record<never, never>
>({
  name: 'Extra Manifests',
  stateKey: '*configimage.ExtraManifests',
  inputs: {},
  source: {
    path: 'extra-manifests/*',
    parse: (files) => ({
      value: { FileList: files.map(({ path, content }) => stateFileEntry(path, content)) },
      warnings: [],
    }),
  },
  generate: () => ({ FileList: [] }),
});
