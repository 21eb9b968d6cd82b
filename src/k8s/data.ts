import { type DocumentNode, replaceText } from '#formats/document.ts';
import { editFields, lengthDelimited } from '#formats/protobufWire.ts';
import { readMapEntry } from './protobufDocument.ts';
import { documentOf, editResource, type Resource, rawOf, withRaw } from './resource.ts';

const SECRET_DATA = 2;

/** Secrets stored as JSON hold base64, as protobuf the bytes themselves; ConfigMaps hold text in both. */
const isBase64 = (resource: Resource): boolean => resource.encoding === 'json' && resource.kind === 'Secret';

/** Keys of the `data` of a Secret or ConfigMap. */
export const dataKeys = (resource: Resource): string[] => documentOf(resource)?.get('data')?.names() ?? [];

/** One value of the `data` of a Secret or ConfigMap. */
export function dataOf(resource: Resource, name: string): string | undefined {
  return decoded(resource, documentOf(resource)?.get('data')?.get(name));
}

/** Edits one value of `data`; undefined from `edit` or a missing key leaves the resource as it is. */
export function editData(
  resource: Resource,
  name: string,
  edit: (text: string) => string | undefined,
): Resource {
  return editResource(resource, (root) => {
    const node = root.get('data')?.get(name);
    const text = decoded(resource, node);
    const edited = text === undefined ? undefined : edit(text);
    if (node !== undefined && edited !== undefined && edited !== text)
      node.replace(encoded(resource, edited));
  });
}

/** Sets one value of `data`, adding the key if the object has `data` at all. */
export function setData(resource: Resource, name: string, text: string): Resource {
  return editResource(resource, (root) => {
    const data = root.get('data');
    if (decoded(resource, data?.get(name)) !== text) data?.set(name, encoded(resource, text));
  });
}

/** Sets a value of the `data` of a Secret that is not text; a missing key is not added. */
export function setDataBytes(secret: Resource, name: string, bytes: Buffer): Resource {
  const raw = rawOf(secret);
  if (raw === undefined)
    return editResource(secret, (root) => {
      replaceText(root.get('data')?.get(name), bytes.toString('base64'));
    });
  const edited = editFields(raw, (field, payload) => {
    if (field.number !== SECRET_DATA || readMapEntry(payload)?.key.toString('utf8') !== name)
      return undefined;
    return Buffer.concat([lengthDelimited(1, Buffer.from(name)), lengthDelimited(2, bytes)]);
  });
  return edited.equals(raw) ? secret : withRaw(secret, edited);
}

/** Sets an annotation that is already there; others are not added, as that would look like an edit by hand. */
export function replaceAnnotation(resource: Resource, name: string, value: string): Resource {
  return editResource(resource, (root) => {
    const node = root.get('metadata')?.get('annotations')?.get(name);
    if (node !== undefined && node.text() !== value) node.replace(value);
  });
}

export const labelOf = (resource: Resource, name: string): string | undefined =>
  documentOf(resource)?.get('metadata')?.get('labels')?.get(name)?.text();

export const annotationOf = (resource: Resource, name: string): string | undefined =>
  documentOf(resource)?.get('metadata')?.get('annotations')?.get(name)?.text();

function decoded(resource: Resource, node: DocumentNode | undefined): string | undefined {
  const text = node?.text();
  if (text === undefined || !isBase64(resource)) return text;
  return Buffer.from(text, 'base64').toString('utf8');
}

const encoded = (resource: Resource, text: string): string =>
  isBase64(resource) ? Buffer.from(text, 'utf8').toString('base64') : text;
