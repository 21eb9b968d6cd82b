import { type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';

/** The folder of "Common Manifests". */
export const MANIFESTS_FOLDER = 'manifests';

/** A manifest of that folder. */
export const manifestFile = (name: string, object: object): StateFileEntry =>
  stateFileEntry(`${MANIFESTS_FOLDER}/${name}`, renderManifest(object));

/** One of the objects that a cluster has once, all named `cluster`, with the member that Go's serialisation adds. */
export const clusterObject = (kind: string, content: { readonly spec: object; readonly status: object }) => ({
  apiVersion: 'config.openshift.io/v1',
  kind,
  metadata: { creationTimestamp: null, name: 'cluster' },
  ...content,
});

/** In the order in which they are written, which is upstream's. */
export const sortedByName = (files: readonly StateFileEntry[]): StateFileEntry[] =>
  files.toSorted((a, b) => (a.Filename < b.Filename ? -1 : 1));
