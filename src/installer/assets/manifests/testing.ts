import { parse } from 'yaml';
import type { Asset, AssetInputs, Environment } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfigText, memoryTarget } from '../testing.ts';

/** What is made for a test. */
interface MadeManifests {
  /** By file name: parsed as Go's reader does, by the rules of YAML 1.1. */
  readonly objects: Readonly<Record<string, unknown>>;
  readonly texts: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** Makes an asset's files of an install-config that differs so from that of a single node, or of the given files. */
export async function makeManifests<Inputs extends AssetInputs>(
  asset: Asset<FileListValue, Inputs>,
  changes: Readonly<Record<string, unknown>> | string = {},
  more: { readonly files?: Readonly<Record<string, string>>; readonly env?: Environment } = {},
): Promise<MadeManifests> {
  const text = typeof changes === 'string' ? changes : installConfigText(changes);
  const target = memoryTarget({
    files: { 'install-config.yaml': text, ...more.files },
    ...(more.env && { env: more.env }),
  });
  const { FileList } = await target.store.fetch(asset);
  const texts = Object.fromEntries(
    FileList.map(({ Filename, Data }) => [
      Filename.replace(/^(manifests|openshift)\//, ''),
      Buffer.from(Data, 'base64').toString('utf8'),
    ]),
  );
  const objects = Object.fromEntries(
    Object.entries(texts).map(([name, content]) => [name, parse(content, { version: '1.1' })]),
  );
  return { objects, texts, warnings: target.warnings, infos: target.infos };
}
