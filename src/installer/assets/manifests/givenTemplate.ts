import { Failure } from '#base/failure.ts';
import { type Asset, defineAsset, stateFileEntry } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';

/** What a person's template can name, with upstream's names. */
export type GivenValues = Readonly<Record<string, string>>;

interface GivenTemplateRow {
  readonly name: string;
  readonly stateKey: string;
  readonly file: string;
}

/**
 * A template of the user, `templates/<file>`, that takes the place of one of the program's own manifests
 * (spec/installer/02.4); its list is empty where there is none.
 */
export const givenTemplate = ({
  file,
  ...row
}: GivenTemplateRow): Asset<FileListValue, Record<never, never>> =>
  defineAsset<FileListValue, Record<never, never>>({
    ...row,
    inputs: {},
    source: {
      path: `templates/${file}`,
      parse: (files) => ({
        value: { FileList: files.map(({ path, content }) => stateFileEntry(path, content)) },
        warnings: [],
      }),
    },
    generate: () => ({ FileList: [] }),
  });

/** The user's template with its values, or undefined if the user gave none. @throws Failure installer/template-unusable */
export function renderGivenTemplate({ FileList }: FileListValue, values: GivenValues): string | undefined {
  const [template] = FileList;
  if (template === undefined) return undefined;
  const text = Buffer.from(template.Data, 'base64').toString('utf8');
  return text.replaceAll(/\{\{(.*?)\}\}/gs, (_, action: string) => {
    const { indent, name = '' } =
      /^\s*(?:indent\s+(?<indent>\d{1,2})\s+)?\.(?<name>[\w.]+)\s*$/.exec(action)?.groups ?? {};
    const value = Object.hasOwn(values, name) ? values[name]! : undefined;
    if (value === undefined) throw unusable(template.Filename, action, values);
    return indent === undefined ? value : value.replaceAll('\n', `\n${' '.repeat(Number(indent))}`);
  });
}

/** Go's templates are a language; of it values and their indentation are understood here. */
const unusable = (path: string, action: string, values: GivenValues): Failure =>
  new Failure({
    code: 'installer/template-unusable',
    message: `${path}: "{{${action}}}" is not understood`,
    hint: `write {{.Name}} or {{indent 4 .Name}}; the names are ${Object.keys(values).join(', ')}. Or remove the file and edit the manifest after "create manifests"`,
  });
