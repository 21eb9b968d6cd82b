import { stringify } from 'yaml';

/** YAML as upstream writes typed objects: sorted keys; a YAML 1.1 reader, such as Go's, reads every text as text. */
export const renderManifest = (document: object): string =>
  stringify(document, {
    version: '1.1',
    sortMapEntries: true,
    lineWidth: 0,
    indentSeq: false,
    aliasDuplicateObjects: false,
  });
