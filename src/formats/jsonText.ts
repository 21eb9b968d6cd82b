import { Failure } from '#base/failure.ts';
import type { DocumentNode, EditableDocument, Json, NewElement } from './document.ts';

/** JSON text as a document that is edited in place: key order, spacing and number text of everything untouched stay. */
export class JsonText implements EditableDocument {
  readonly root: JsonNode;
  readonly #source: Buffer;
  readonly #tail: string;

  private constructor(source: Buffer, root: JsonNode, tail: string) {
    this.#source = source;
    this.root = root;
    this.#tail = tail;
  }

  /** Failure `formats/json-malformed` with the offset; the text is never quoted, it may hold secrets. */
  static parse(source: Uint8Array | string): JsonText {
    const bytes = typeof source === 'string' ? Buffer.from(source) : Buffer.from(source);
    const reader = new Reader(bytes.toString('utf8'));
    const lead = reader.blanks();
    const root = reader.value(lead, undefined, 0);
    const tail = reader.blanks();
    if (!reader.atEnd()) throw reader.malformed('text after the value');
    return new JsonText(bytes, root, tail);
  }

  render(): Buffer {
    return this.root.isDirty ? Buffer.from(this.root.lead + this.root.render() + this.#tail) : this.#source;
  }
}

interface Member {
  /** Blanks before the key, the key as written, and everything up to the value. */
  lead: string;
  key: string;
  keyText: string;
  colon: string;
  value: JsonNode;
  /** Blanks after the value. */
  trail: string;
}

const NESTING_LIMIT = 200;

class JsonNode implements DocumentNode {
  readonly kind: DocumentNode['kind'];
  readonly lead: string;
  isDirty = false;
  members: Member[] = [];
  elements: { value: JsonNode; trail: string }[] = [];
  #written: string;
  #replacement: string | undefined;
  readonly #parent: JsonNode | undefined;

  constructor(kind: DocumentNode['kind'], lead: string, parent: JsonNode | undefined, written = '') {
    this.kind = kind;
    this.lead = lead;
    this.#parent = parent;
    this.#written = written;
  }

  written(text: string): this {
    this.#written = text;
    return this;
  }

  text(): string | undefined {
    const text = this.#replacement ?? this.#written;
    return text.startsWith('"') ? (JSON.parse(text) as string) : undefined;
  }

  names(): string[] {
    return this.members.map((member) => member.key);
  }

  get(name: string): JsonNode | undefined {
    return this.members.findLast((member) => member.key === name)?.value;
  }

  items(): JsonNode[] {
    return this.elements.map((element) => element.value);
  }

  arrange(elements: readonly (DocumentNode | NewElement)[]): void {
    const [model] = this.elements;
    this.elements = elements.map((element) => {
      if (element instanceof JsonNode) return { value: element, trail: '' };
      if (!('added' in element)) throw new Error('a list can only keep elements of its own');
      const value = new JsonNode('object', model?.value.lead ?? '', this);
      return { value: value.written(JSON.stringify(element.added)), trail: '' };
    });
    this.#touch();
  }

  replace(value: Json): void {
    this.#replacement = stringify(value, this.#written);
    this.#touch();
  }

  set(name: string, value: Json): void {
    const present = this.get(name);
    if (present !== undefined) {
      present.replace(value);
      return;
    }
    const model = this.members[0];
    const node = new JsonNode('other', '', this).written(stringify(value, ''));
    const last = this.members.at(-1);
    const trail = last?.trail ?? '';
    if (last !== undefined) last.trail = '';
    const colon = model?.colon ?? ':';
    this.members.push({
      lead: model?.lead ?? '',
      key: name,
      keyText: JSON.stringify(name),
      colon,
      value: node,
      trail,
    });
    this.#touch();
  }

  remove(name: string): void {
    const kept = this.members.filter((member) => member.key !== name);
    if (kept.length === this.members.length) return;
    const trail = this.members.at(-1)?.trail ?? '';
    const last = kept.at(-1);
    if (last !== undefined) last.trail = trail;
    this.members = kept;
    this.#touch();
  }

  rename(from: string, to: string): void {
    for (const member of this.members) {
      if (member.key !== from) continue;
      member.key = to;
      member.keyText = JSON.stringify(to);
      this.#touch();
    }
  }

  render(): string {
    if (this.#replacement !== undefined) return this.#replacement;
    if (!this.isDirty) return this.#written;
    if (this.kind === 'object') {
      const parts = this.members.map((m) => m.lead + m.keyText + m.colon + m.value.render() + m.trail);
      return `{${parts.join(',')}}`;
    }
    return `[${this.elements.map((e) => e.value.lead + e.value.render() + e.trail).join(',')}]`;
  }

  #touch(): void {
    for (let at: JsonNode | undefined = this; at !== undefined && !at.isDirty; at = at.#parent)
      at.isDirty = true;
  }
}

/** Go escapes `<`, `>` and `&` in JSON; where the old text did, the new one does. */
function stringify(value: Json, before: string): string {
  const text = JSON.stringify(value);
  if (!/\\u00(?:3c|3e|26)/i.test(before)) return text;
  return text.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  malformed(what: string): Failure {
    return new Failure({
      code: 'formats/json-malformed',
      message: `not JSON: ${what} at offset ${this.#at}`,
      facts: { offset: this.#at },
    });
  }

  blanks(): string {
    return this.#take(/[ \t\r\n]*/y);
  }

  value(lead: string, parent: JsonNode | undefined, depth: number): JsonNode {
    if (depth > NESTING_LIMIT) throw this.malformed('nesting too deep');
    const start = this.#at;
    const first = this.#text[start];
    if (first === '{' || first === '[') {
      const node = new JsonNode(first === '{' ? 'object' : 'list', lead, parent);
      this.#at++;
      if (first === '{') this.#members(node, depth);
      else this.#elements(node, depth);
      return node.written(this.#text.slice(start, this.#at));
    }
    if (first === '"') return new JsonNode('text', lead, parent, this.#string());
    const literal = this.#take(/true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (literal === '') throw this.malformed('no value');
    return new JsonNode('other', lead, parent, literal);
  }

  #members(node: JsonNode, depth: number): void {
    for (;;) {
      const lead = this.blanks();
      if (node.members.length === 0 && this.#skip('}')) return;
      const keyText = this.#string();
      const colon = this.#take(/[ \t\r\n]*:[ \t\r\n]*/y);
      if (colon === '') throw this.malformed('no colon');
      const value = this.value('', node, depth + 1);
      const trail = this.blanks();
      node.members.push({ lead, key: JSON.parse(keyText) as string, keyText, colon, value, trail });
      if (this.#skip('}')) return;
      if (!this.#skip(',')) throw this.malformed('no comma');
    }
  }

  #elements(node: JsonNode, depth: number): void {
    for (;;) {
      const lead = this.blanks();
      if (node.elements.length === 0 && this.#skip(']')) return;
      const value = this.value(lead, node, depth + 1);
      node.elements.push({ value, trail: this.blanks() });
      if (this.#skip(']')) return;
      if (!this.#skip(',')) throw this.malformed('no comma');
    }
  }

  /** A loop and not a regular expression: strings of megabytes would exhaust the backtracking stack. */
  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') throw this.malformed('no string');
    let end = start + 1;
    for (; this.#text[end] !== '"'; end++) {
      if (end >= this.#text.length) throw this.malformed('a string without end');
      if (this.#text[end] === '\\') end++;
    }
    this.#at = end + 1;
    const text = this.#text.slice(start, this.#at);
    try {
      JSON.parse(text);
    } catch {
      throw this.malformed('a bad string');
    }
    return text;
  }

  #skip(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
