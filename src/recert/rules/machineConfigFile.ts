import { gunzipSync, gzipSync } from 'node:zlib';
import { type DocumentNode, itemsAt, nodeAt, textAt } from '#formats/document.ts';
import { percentDecoded, percentEncoded } from '#formats/nestedText.ts';
import { editResource } from '#k8s/resource.ts';
import type { Renames } from '../renames.ts';
import { baseName, editTextDocument, type FileRule, type ObjectRule, type RuleContext } from './rule.ts';

/** A file of the node as MachineConfigs carry it. */
export interface CarriedFile {
  readonly name: string;
  /** Absolute path on the node. */
  readonly path: string;
  isWanted(renames: Renames): boolean;
  edit(text: string, context: RuleContext): string;
}

/** Rules for a file inside every MachineConfig, and inside the copies of the rendered one on the node's disk. */
export function carriedFileRules(file: CarriedFile): { objects: ObjectRule; files: FileRule } {
  const edit = (root: DocumentNode, context: RuleContext) =>
    editIgnitionFile(root.get('spec')?.get('config'), file.path, (text) => file.edit(text, context));
  return {
    objects: {
      name: `machineconfig-${file.name}`,
      objects: ['machineconfiguration.openshift.io/machineconfigs/*'],
      isWanted: file.isWanted,
      edit: (resource, context) => editResource(resource, (root) => edit(root, context)),
    },
    files: {
      name: `currentconfig-${file.name}`,
      matches: (path) =>
        baseName(path) === 'currentconfig' || baseName(path) === 'mcs-machine-config-content.json',
      isWanted: file.isWanted,
      edit: (text, context) => editTextDocument(text, (root) => edit(root, context)),
    },
  };
}

/** Edits the content of a file in an Ignition config, keeping the form of its data URL. */
function editIgnitionFile(
  config: DocumentNode | undefined,
  path: string,
  edit: (text: string) => string,
): void {
  for (const file of itemsAt(config, 'storage', 'files')) {
    if (textAt(file, 'path') !== path) continue;
    const source = nodeAt(file, 'contents', 'source');
    const url = source?.text();
    if (source === undefined || !url?.startsWith('data:')) continue;
    const isPacked = textAt(file, 'contents', 'compression') === 'gzip';
    const comma = url.indexOf(',');
    const [head, payload] = [url.slice(0, comma + 1), url.slice(comma + 1)];
    const isBase64 = head.endsWith(';base64,');
    const stored = isBase64 ? Buffer.from(decodeURIComponent(payload), 'base64') : percentDecoded(payload);
    const text = (isPacked ? gunzipSync(stored) : stored).toString('utf8');
    const edited = edit(text);
    if (edited === text) continue;
    const bytes = isPacked ? gzipSync(edited) : Buffer.from(edited);
    source.replace(head + (isBase64 ? bytes.toString('base64') : percentEncoded(bytes)));
  }
}
