import { Failure } from '#base/failure.ts';
import type { DocumentNode, EditableDocument, Json, NewElement } from '#formats/document.ts';
import { lengthDelimited, readFields, type WireField } from '#formats/protobufWire.ts';
import { type FieldShape, type Message, messageOf, numberOf } from './messages.ts';

const MAP_KEY = 1;
const MAP_VALUE = 2;

/** A Kubernetes message edited in place: unknown fields, field order and map order stay as they are stored. */
export class ProtobufDocument implements EditableDocument {
  readonly root: MessageNode;

  private constructor(root: MessageNode) {
    this.root = root;
  }

  /** Failure `k8s/protobuf-malformed` if the bytes are no message. */
  static parse(bytes: Buffer, message: Message): ProtobufDocument {
    return new ProtobufDocument(new MessageNode(bytes, message));
  }

  render(): Buffer {
    return this.root.render();
  }
}

/** One wire field of a message being edited; `payload` undefined means it is carried along as it is. */
interface Slot {
  readonly number: number;
  readonly raw: Buffer;
  node?: MessageNode | LeafNode;
  /** For a map entry: its key, and the node of its value. */
  key?: string;
}

class LeafNode implements DocumentNode {
  readonly kind = 'text';
  #bytes: Buffer;
  isDirty: boolean;

  constructor(bytes: Buffer, isDirty = false) {
    this.#bytes = bytes;
    this.isDirty = isDirty;
  }

  text(): string {
    return this.#bytes.toString('utf8');
  }

  names(): string[] {
    return [];
  }

  get(): undefined {
    return undefined;
  }

  items(): DocumentNode[] {
    return [];
  }

  arrange(): void {
    throw notPossible('arrange a text');
  }

  replace(value: Json): void {
    this.#bytes = leafBytes(value);
    this.isDirty = true;
  }

  set(): void {
    throw notPossible('set a member of a text');
  }

  remove(): void {
    throw notPossible('remove a member of a text');
  }

  rename(): void {
    throw notPossible('rename a member of a text');
  }

  touch(): void {
    this.isDirty = true;
  }

  render(): Buffer {
    return this.#bytes;
  }
}

class MessageNode implements DocumentNode {
  readonly kind = 'object';
  readonly #bytes: Buffer;
  readonly #message: Message;
  #slots: Slot[] | undefined;
  #changed = false;

  constructor(bytes: Buffer, message: Message) {
    this.#bytes = bytes;
    this.#message = message;
  }

  get isDirty(): boolean {
    return this.#changed || (this.#slots?.some((slot) => slot.node?.isDirty) ?? false);
  }

  text(): undefined {
    return undefined;
  }

  names(): string[] {
    const present = new Set(this.#parsed().map((slot) => this.#message.get(slot.number)?.name));
    return [...present].filter((name) => name !== undefined);
  }

  items(): DocumentNode[] {
    return [];
  }

  get(name: string): DocumentNode | undefined {
    const { number, field } = this.#field(name);
    if (field === undefined) return undefined;
    const slots = this.#parsed().filter((slot) => slot.number === number);
    if (typeof field.type === 'object') return new MapNode(this, number, slots);
    if (field.repeated) return new ListNode(this, number, slots);
    return slots.at(-1)?.node;
  }

  arrange(): void {
    throw notPossible('arrange a message');
  }

  replace(): void {
    throw notPossible('replace a whole message');
  }

  set(name: string, value: Json): void {
    const { number, field } = this.#field(name);
    if (field?.type !== 'string' && field?.type !== 'bytes') throw notPossible(`set ${name}`);
    const present = this.get(name);
    if (present !== undefined && !field.repeated) {
      present.replace(value);
      return;
    }
    this.insert(number, { number, raw: Buffer.alloc(0), node: new LeafNode(leafBytes(value), true) });
  }

  remove(name: string): void {
    const { number } = this.#field(name);
    this.drop((slot) => slot.number === number);
  }

  rename(): void {
    throw notPossible('rename a field of a message');
  }

  drop(matches: (slot: Slot) => boolean): void {
    const kept = this.#parsed().filter((slot) => !matches(slot));
    this.#changed ||= kept.length !== this.#parsed().length;
    this.#slots = kept;
  }

  /** Puts a field after the last one of its number or of a smaller number, where Go would have written it. */
  insert(number: number, slot: Slot): void {
    const slots = this.#parsed();
    slots.splice(slots.findLastIndex((other) => other.number <= number) + 1, 0, slot);
    this.#changed = true;
  }

  /** Puts these in the place of all fields of that number, where the first of them stood. */
  rearrange(number: number, slots: readonly Slot[]): void {
    const first = this.#parsed().findIndex((slot) => slot.number === number);
    this.drop((slot) => slot.number === number);
    this.#parsed().splice(Math.max(first, 0), 0, ...slots);
    this.#changed = true;
  }

  newElement(number: number, { added }: NewElement): Slot {
    const type = this.#message.get(number)?.type;
    if (type === undefined || typeof type === 'object' || type === 'string' || type === 'bytes')
      throw notPossible('add a message to a list of texts');
    const node = new MessageNode(Buffer.alloc(0), messageOf(type));
    for (const [name, value] of Object.entries(added)) node.set(name, value);
    return { number, raw: Buffer.alloc(0), node };
  }

  touch(): void {
    this.#changed = true;
  }

  render(): Buffer {
    if (!this.isDirty) return this.#bytes;
    return Buffer.concat(this.#parsed().map((slot) => this.#renderSlot(slot)));
  }

  #renderSlot(slot: Slot): Buffer {
    if (slot.node === undefined || (slot.raw.length > 0 && !slot.node.isDirty)) return slot.raw;
    if (slot.key === undefined) return lengthDelimited(slot.number, slot.node.render());
    const key = lengthDelimited(MAP_KEY, Buffer.from(slot.key));
    return lengthDelimited(slot.number, Buffer.concat([key, lengthDelimited(MAP_VALUE, slot.node.render())]));
  }

  #field(name: string): { number: number; field: FieldShape | undefined } {
    const number = numberOf(this.#message, name);
    return { number: number ?? -1, field: number === undefined ? undefined : this.#message.get(number) };
  }

  #parsed(): Slot[] {
    if (this.#slots === undefined) {
      const fields = readFields(this.#bytes);
      if (fields === undefined) {
        throw new Failure({
          code: 'k8s/protobuf-malformed',
          message: 'the stored object is not valid protobuf',
        });
      }
      this.#slots = fields.map((field) => this.#slotOf(field));
    }
    return this.#slots;
  }

  #slotOf(field: WireField): Slot {
    const raw = this.#bytes.subarray(field.start, field.end);
    const shape = this.#message.get(field.number);
    const slot: Slot = { number: field.number, raw };
    if (shape === undefined || field.wireType !== 2) return slot;
    const payload = this.#bytes.subarray(field.from, field.to);
    if (typeof shape.type === 'object') {
      const entry = readMapEntry(payload);
      if (entry === undefined) return slot;
      return { ...slot, key: entry.key.toString('utf8'), node: new LeafNode(entry.value) };
    }
    if (shape.type === 'string' || shape.type === 'bytes') return { ...slot, node: new LeafNode(payload) };
    return { ...slot, node: new MessageNode(payload, messageOf(shape.type)) };
  }
}

class ListNode implements DocumentNode {
  readonly kind = 'list';
  readonly #owner: MessageNode;
  readonly #number: number;
  readonly #slots: Slot[];

  constructor(owner: MessageNode, number: number, slots: Slot[]) {
    this.#owner = owner;
    this.#number = number;
    this.#slots = slots;
  }

  text(): undefined {
    return undefined;
  }

  names(): string[] {
    return [];
  }

  get(): undefined {
    return undefined;
  }

  items(): DocumentNode[] {
    return this.#slots.map((slot) => slot.node!);
  }

  arrange(elements: readonly (DocumentNode | NewElement)[]): void {
    const slots = elements.map((element): Slot => {
      if ('added' in element) return this.#owner.newElement(this.#number, element);
      const kept = this.#slots.find((slot) => slot.node === element);
      if (kept === undefined) throw new Error('a list can only keep elements of its own');
      return kept;
    });
    this.#owner.rearrange(this.#number, slots);
  }

  replace(): void {
    throw notPossible('replace a list');
  }

  set(): void {
    throw notPossible('set a member of a list');
  }

  remove(): void {
    throw notPossible('remove a member of a list');
  }

  rename(): void {
    throw notPossible('rename a member of a list');
  }
}

class MapNode implements DocumentNode {
  readonly kind = 'object';
  readonly #owner: MessageNode;
  readonly #number: number;
  readonly #slots: Slot[];

  constructor(owner: MessageNode, number: number, slots: Slot[]) {
    this.#owner = owner;
    this.#number = number;
    this.#slots = slots;
  }

  text(): undefined {
    return undefined;
  }

  names(): string[] {
    return this.#slots.map((slot) => slot.key ?? '');
  }

  get(name: string): DocumentNode | undefined {
    return this.#slots.findLast((slot) => slot.key === name)?.node;
  }

  items(): DocumentNode[] {
    return [];
  }

  arrange(): void {
    throw notPossible('arrange a map');
  }

  replace(): void {
    throw notPossible('replace a whole map');
  }

  set(name: string, value: Json): void {
    const present = this.get(name);
    if (present !== undefined) {
      present.replace(value);
      return;
    }
    const slot = {
      number: this.#number,
      raw: Buffer.alloc(0),
      key: name,
      node: new LeafNode(leafBytes(value), true),
    };
    this.#slots.push(slot);
    this.#owner.insert(this.#number, slot);
  }

  remove(name: string): void {
    this.#owner.drop((slot) => slot.number === this.#number && slot.key === name);
  }

  rename(from: string, to: string): void {
    for (const slot of this.#slots) {
      if (slot.key !== from || slot.node === undefined) continue;
      slot.key = to;
      slot.node.touch();
    }
  }
}

/** Key and value of a map entry; both are absent on the wire when empty. */
export function readMapEntry(payload: Buffer): { key: Buffer; value: Buffer } | undefined {
  const fields = readFields(payload);
  if (fields?.some((field) => field.wireType !== 2) ?? true) return undefined;
  const of = (number: number): Buffer => {
    const field = fields!.findLast((candidate) => candidate.number === number);
    return field === undefined ? Buffer.alloc(0) : payload.subarray(field.from, field.to);
  };
  return { key: of(MAP_KEY), value: of(MAP_VALUE) };
}

function leafBytes(value: Json): Buffer {
  if (typeof value !== 'string') throw notPossible('put anything but text into a protobuf field');
  return Buffer.from(value, 'utf8');
}

/** A rule that asks for this is wrong, whatever the cluster holds. */
const notPossible = (what: string): Error => new Error(`a protobuf document can't ${what}`);
