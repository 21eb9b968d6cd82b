import { parseAllDocuments } from 'yaml';
import { type Problem, problem } from '#base/report.ts';
import { defineAsset, type InputFile, type StateFileEntry, stateFileEntry } from '../../asset.ts';
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
function checkSyntax({ path, content }: InputFile): void {
  if (path.endsWith('.json')) return; // may hold several values one after the other
  const report = parseAllDocuments(content.toString('utf8'), { prettyErrors: true }).flatMap(({ errors }) =>
    errors.map(({ code, linePos }): Problem => {
      const [start] = linePos ?? [];
      const found = problem('', `is not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})`);
      return start === undefined ? found : { ...found, position: { line: start.line, column: start.col } };
    }),
  );
  if (report.length > 0)
    throw refusedInput({ file: path, wording: `invalid extra manifest ${path}`, report });
}
