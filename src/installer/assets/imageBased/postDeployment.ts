import { defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';

const PATH = 'post.sh';

/** The user's script that the host runs when its disk is written; nothing without one. */
export const postDeployment = defineAsset<{ readonly File: StateFileEntry | null }, Record<never, never>>({
  name: 'Post Deployment Script',
  stateKey: '*image.PostDeployment',
  inputs: {},
  source: {
    path: PATH,
    parse: ([file]) => ({ value: { File: stateFileEntry(PATH, file!.content) }, warnings: [] }),
  },
  generate: () => ({ File: null }),
});
