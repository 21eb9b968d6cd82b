import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument, stringify, type YAMLMap } from 'yaml';
import { Failure } from '#base/failure.ts';
import type { DocumentNode, EditableDocument, Json } from './document.ts';

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * YAML text as a document that is edited in place: comments, quoting, order and layout of everything untouched stay.
 * New text is quoted so that a YAML 1.1 reader (Go's) takes it for text.
 */
export class YamlText implements EditableDocument {
  readonly root: DocumentNode;
  readonly #source: string;
  readonly #splices: Splice[] = [];

  private constructor(source: string, root: Node | null) {
    this.#source = source;
    this.root = new YamlNode(root ?? undefined, { source, splices: this.#splices });
  }

  /** Failure `formats/yaml-malformed`; the text is never quoted, it may hold secrets. */
  static parse(text: string): YamlText {
    const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: false });
    const error = document.errors[0];
    if (error !== undefined) {
      throw new Failure({
        code: 'formats/yaml-malformed',
        message: `not YAML: ${error.code} at offset ${error.pos[0]}`,
      });
    }
    return new YamlText(text, document.contents);
  }

  render(): Buffer {
    let rendered = '';
    let copied = 0;
    for (const { start, end, text } of this.#splices.toSorted((a, b) => a.start - b.start)) {
      rendered += this.#source.slice(copied, start) + text;
      copied = end;
    }
    return Buffer.from(rendered + this.#source.slice(copied));
  }
}

interface Sheet {
  readonly source: string;
  readonly splices: Splice[];
}

class YamlNode implements DocumentNode {
  readonly #node: Node | undefined;
  readonly #sheet: Sheet;
  /** Where the key ends that this is the value of. */
  readonly #keyEnd: number | undefined;

  constructor(node: Node | undefined, sheet: Sheet, keyEnd?: number) {
    this.#node = node;
    this.#sheet = sheet;
    this.#keyEnd = keyEnd;
  }

  get kind(): DocumentNode['kind'] {
    if (isMap(this.#node)) return 'object';
    if (isSeq(this.#node)) return 'list';
    return typeof this.#scalar === 'string' ? 'text' : 'other';
  }

  get #scalar(): unknown {
    return isScalar(this.#node) ? this.#node.value : undefined;
  }

  text(): string | undefined {
    return typeof this.#scalar === 'string' ? this.#scalar : undefined;
  }

  names(): string[] {
    return this.#pairs().map((pair) => keyText(pair.key));
  }

  get(name: string): DocumentNode | undefined {
    const pair = this.#pairs().find((candidate) => keyText(candidate.key) === name);
    return pair === undefined
      ? undefined
      : new YamlNode((pair.value as Node | null) ?? undefined, this.#sheet, (pair.key as Node).range?.[1]);
  }

  items(): DocumentNode[] {
    return isSeq(this.#node) ? this.#node.items.map((item) => new YamlNode(item as Node, this.#sheet)) : [];
  }

  arrange(): void {
    throw notPossible('rearrange a list');
  }

  replace(value: Json): void {
    const range = this.#node?.range;
    if (range == null || isAlias(this.#node))
      throw notPossible('replace a value that is an alias or missing');
    const { source, splices } = this.#sheet;
    const written = source.slice(range[0], range[1]);
    // Block collections and block scalars end after their last line break, which stays.
    const end = range[0] + written.trimEnd().length;
    const isBlockCollection = (isMap(this.#node) || isSeq(this.#node)) && !/^[[{]/.test(written);
    // A flow collection may not stand where a block one could: it goes behind the key.
    const colon = this.#keyEnd === undefined ? -1 : source.indexOf(':', this.#keyEnd);
    if (isBlockCollection && colon !== -1) splices.push({ start: colon + 1, end, text: ` ${inline(value)}` });
    else splices.push({ start: range[0], end, text: inline(value) });
  }

  set(name: string, value: Json): void {
    const present = this.get(name);
    if (present === undefined) throw notPossible(`add ${name}`);
    present.replace(value);
  }

  remove(): void {
    throw notPossible('remove a member');
  }

  rename(from: string, to: string): void {
    const pair = this.#pairs().find((candidate) => keyText(candidate.key) === from);
    if (pair === undefined) return;
    new YamlNode(pair.key as Node, this.#sheet).replace(to);
  }

  #pairs(): YAMLMap['items'] {
    return isMap(this.#node) ? this.#node.items : [];
  }
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : '');

/** Text on one line; collections in flow form, which is valid wherever a block stood. */
function inline(value: Json): string {
  if (typeof value === 'string' && !value.includes('\n'))
    return stringify(value, { version: '1.1', lineWidth: 0 }).trimEnd();
  return JSON.stringify(value);
}

const notPossible = (what: string): Failure =>
  new Failure({ code: 'formats/yaml-edit', message: `can't ${what} in YAML text` });
