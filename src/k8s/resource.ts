import { isUtf8 } from 'node:buffer';
import type { DocumentNode } from '#formats/document.ts';
import { JsonText } from '#formats/jsonText.ts';
import { editFields, payloadOf } from '#formats/protobufWire.ts';
import { type Message, messageOfKind } from './messages.ts';
import { ProtobufDocument } from './protobufDocument.ts';

/** How a value is stored: Kubernetes protobuf, JSON (custom resources), or something that is neither. */
type StorageEncoding = 'protobuf' | 'json' | 'other';

/** One key of etcd with its value, understood only as far as it is needed. Never changed, only replaced. */
export interface Resource {
  readonly key: string;
  readonly encoding: StorageEncoding;
  /** Empty where the value is not a Kubernetes object. */
  readonly apiVersion: string;
  readonly kind: string;
  /** The value as stored. */
  readonly value: Buffer;
}

/** `k8s` and a zero byte, before a protobuf runtime.Unknown. */
const PROTOBUF_MAGIC = Buffer.from('k8s\0');

const UNKNOWN = { typeMeta: 1, raw: 2 };
const TYPE_META = { apiVersion: 1, kind: 2 };

/** Reads the envelope of a stored value; never throws, what is not understood is `other`. */
export function parseResource(key: string, value: Buffer): Resource {
  if (value.subarray(0, PROTOBUF_MAGIC.length).equals(PROTOBUF_MAGIC)) {
    const typeMeta = payloadOf(value.subarray(PROTOBUF_MAGIC.length), UNKNOWN.typeMeta);
    if (typeMeta !== undefined) {
      const text = (number: number) => payloadOf(typeMeta, number)?.toString('utf8') ?? '';
      const [apiVersion, kind] = [text(TYPE_META.apiVersion), text(TYPE_META.kind)];
      return { key, encoding: 'protobuf', apiVersion, kind, value };
    }
  }
  // Bytes that are no text would not come back the same from an edit.
  if (value[0] === 0x7b && isUtf8(value)) {
    try {
      const head = JSON.parse(value.toString('utf8')) as { apiVersion?: unknown; kind?: unknown };
      const text = (member: unknown) => (typeof member === 'string' ? member : '');
      return { key, encoding: 'json', apiVersion: text(head.apiVersion), kind: text(head.kind), value };
    } catch {}
  }
  return { key, encoding: 'other', apiVersion: '', kind: '', value };
}

/** The message inside the protobuf envelope; undefined for other encodings. */
export function rawOf(resource: Resource): Buffer | undefined {
  if (resource.encoding !== 'protobuf') return undefined;
  return payloadOf(resource.value.subarray(PROTOBUF_MAGIC.length), UNKNOWN.raw);
}

/** The resource with another message inside its envelope; the envelope's other fields are kept. */
export function withRaw(resource: Resource, raw: Buffer): Resource {
  const envelope = editFields(resource.value.subarray(PROTOBUF_MAGIC.length), (field) =>
    field.number === UNKNOWN.raw ? raw : undefined,
  );
  return { ...resource, value: Buffer.concat([PROTOBUF_MAGIC, envelope]) };
}

/** The shape of the object's message, where the kind is one that we read or edit by name. */
export const messageOfResource = (resource: Resource): Message | undefined => messageOfKind(resource.kind);

/** The object as a document to read from; undefined where it is neither JSON nor protobuf of a known kind. */
export function documentOf(resource: Resource): DocumentNode | undefined {
  return openDocument(resource)?.root;
}

/**
 * The resource after `edit`; the very same resource if nothing was changed or if it can't be read as a document.
 * Outside the edited members every byte is kept.
 */
export function editResource(resource: Resource, edit: (root: DocumentNode) => void): Resource {
  const document = openDocument(resource);
  if (document === undefined) return resource;
  edit(document.root);
  const rendered = document.render();
  if (resource.encoding === 'json')
    return rendered.equals(resource.value) ? resource : { ...resource, value: rendered };
  return rendered.equals(rawOf(resource)!) ? resource : withRaw(resource, rendered);
}

function openDocument(resource: Resource): JsonText | ProtobufDocument | undefined {
  if (resource.encoding === 'json') return JsonText.parse(resource.value);
  const raw = rawOf(resource);
  const message = messageOfResource(resource);
  return raw === undefined || message === undefined ? undefined : ProtobufDocument.parse(raw, message);
}

/** Metadata that names an object; empty texts where it has none. */
export function identityOf(resource: Resource): { namespace: string; name: string } {
  const metadata = documentOf(resource)?.get('metadata');
  return {
    namespace: metadata?.get('namespace')?.text() ?? '',
    name: metadata?.get('name')?.text() ?? '',
  };
}
