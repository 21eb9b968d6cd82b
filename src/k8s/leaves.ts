import type { DocumentNode } from '#formats/document.ts';
import { JsonText } from '#formats/jsonText.ts';
import { editFields, readFields } from '#formats/protobufWire.ts';
import { type Message, messageOf } from './messages.ts';
import { readMapEntry } from './protobufDocument.ts';
import { messageOfResource, type Resource, rawOf, withRaw } from './resource.ts';

/**
 * Is given every text or byte value of an object with its JSON pointer and may return another one;
 * undefined leaves it alone.
 */
export type LeafEdit = (value: Buffer, pointer: string) => Buffer | undefined;

const MAP_VALUE = 2;

/**
 * Edits any value of an object of any kind: JSON strings, fields of known messages, and fields of messages that no
 * schema of ours describes. A value that is neither JSON nor protobuf is one leaf at `''`.
 */
export function editLeaves(resource: Resource, edit: LeafEdit): Resource {
  if (resource.encoding === 'json') return editJsonLeaves(resource, edit);
  const raw = rawOf(resource);
  if (raw === undefined) {
    const edited = edit(resource.value, '');
    return edited === undefined ? resource : { ...resource, value: edited };
  }
  const edited = editMessage(raw, { message: messageOfResource(resource), pointer: '', edit });
  return edited === raw ? resource : withRaw(resource, edited);
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function editJsonLeaves(resource: Resource, edit: LeafEdit): Resource {
  const document = JsonText.parse(resource.value);
  const walk = (node: DocumentNode, pointer: string): void => {
    const text = node.text();
    if (text !== undefined) {
      const edited = edit(Buffer.from(text, 'utf8'), pointer);
      if (edited !== undefined) node.replace(edited.toString('utf8'));
    }
    for (const name of new Set(node.names())) walk(node.get(name)!, `${pointer}/${escaped(name)}`);
    for (const [index, item] of node.items().entries()) walk(item, `${pointer}/${index}`);
  };
  walk(document.root, '');
  const value = document.render();
  return value.equals(resource.value) ? resource : { ...resource, value };
}

interface Walk {
  readonly message: Message | undefined;
  readonly pointer: string;
  readonly edit: LeafEdit;
}

function editMessage(bytes: Buffer, { message, pointer, edit }: Walk): Buffer {
  const seen = new Map<number, number>();
  return editFields(bytes, (field, payload) => {
    const index = seen.get(field.number) ?? 0;
    seen.set(field.number, index + 1);
    const shape = message?.get(field.number);
    if (shape === undefined) {
      const at = `${pointer}/#${field.number}`;
      if (!looksLikeMessage(payload)) return edit(payload, at);
      return changed(payload, editMessage(payload, { message: undefined, pointer: at, edit }));
    }
    if (typeof shape.type === 'object') {
      const entry = readMapEntry(payload);
      const at = `${pointer}/${shape.name}/${escaped(entry?.key.toString('utf8') ?? '')}`;
      return changed(
        payload,
        editFields(payload, (part, value) => (part.number === MAP_VALUE ? edit(value, at) : undefined)),
      );
    }
    const at = `${pointer}/${shape.name}${shape.repeated ? `/${index}` : ''}`;
    if (shape.type === 'string' || shape.type === 'bytes') return edit(payload, at);
    return changed(payload, editMessage(payload, { message: messageOf(shape.type), pointer: at, edit }));
  });
}

const changed = (before: Buffer, after: Buffer): Buffer | undefined => (after === before ? undefined : after);

/**
 * Tells a nested message from a text where no schema says it. A message of any size holds bytes that text does not:
 * tags of small field numbers and lengths are control characters, and a length over 127 is no valid UTF-8.
 */
function looksLikeMessage(payload: Buffer): boolean {
  if (payload.length === 0 || isText(payload)) return false;
  return readFields(payload) !== undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function isText(payload: Buffer): boolean {
  try {
    return !/[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(utf8.decode(payload));
  } catch {
    return false;
  }
}
