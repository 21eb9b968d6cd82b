import { defineAsset, type InputFile, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { manifestSyntaxProblems } from '../../manifestSyntax.ts';
import { refusedInput } from '../../refusedInput.ts';

interface ExtraManifestsValue {
  readonly FileList: readonly StateFileEntry[];
}

/** YAML and JSON files of the user that are applied to the cluster as they are. */
export const extraManifests = defineAsset<ExtraManifestsValue, Record<never, never>>({
  name: 'Extra Manifests',
  stateKey: '*configimage.ExtraManifests',
  inputs: {},
  source: {
    path: 'extra-manifests/*',
    parse(files) {
      for (const file of files) checkSyntax(file);
      return {
        value: { FileList: files.map(({ path, content }) => stateFileEntry(path, content)) },
        warnings: [],
      };
    },
  },
  generate: () => ({ FileList: [] }),
});

/** A file that is no YAML would stop the host's configuration after the cluster is up. */
function checkSyntax(file: InputFile): void {
  const report = manifestSyntaxProblems(file);
  if (report.length === 0) return;
  throw refusedInput({ file: file.path, wording: `invalid extra manifest ${file.path}`, report });
}
