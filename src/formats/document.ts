/** What may be written into a document; member order is kept. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** An element to add to a list. */
export interface NewElement {
  readonly added: { readonly [name: string]: string };
}

/**
 * A place in a structured document, the same for JSON text, YAML text and Kubernetes protobuf. Edits stay in memory
 * until the document is rendered, and rendering keeps every byte outside the edited members.
 */
export interface DocumentNode {
  readonly kind: 'object' | 'list' | 'text' | 'other';
  /** A string or bytes value as text; undefined for anything else. */
  text(): string | undefined;
  /** Names of the members of an object or the keys of a map; empty for anything else. */
  names(): string[];
  get(name: string): DocumentNode | undefined;
  /** Elements of a list; empty for anything else. */
  items(): DocumentNode[];
  /** Makes a list consist of these: elements it has, in any order, and new ones. Not for YAML. */
  arrange(elements: readonly (DocumentNode | NewElement)[]): void;
  /** Puts another value here. */
  replace(value: Json): void;
  /** Replaces a member or adds it at the end. */
  set(name: string, value: Json): void;
  remove(name: string): void;
  rename(from: string, to: string): void;
}

/** A document being edited. */
export interface EditableDocument {
  readonly root: DocumentNode;
  /** The text or bytes with all edits; the very same where there were none. */
  render(): Buffer;
}

/** Follows member names; undefined where one is missing. */
export function nodeAt(node: DocumentNode | undefined, ...path: readonly string[]): DocumentNode | undefined {
  let at = node;
  for (const name of path) at = at?.get(name);
  return at;
}

/** The text at a path of member names. */
export const textAt = (node: DocumentNode | undefined, ...path: readonly string[]): string | undefined =>
  nodeAt(node, ...path)?.text();

/** The elements of the list at a path; none where it is missing. */
export const itemsAt = (node: DocumentNode | undefined, ...path: readonly string[]): DocumentNode[] =>
  nodeAt(node, ...path)?.items() ?? [];

/** The first element of a list whose member `name` reads `value`. */
export const itemNamed = (
  list: readonly DocumentNode[],
  name: string,
  value: string,
): DocumentNode | undefined => list.find((item) => item.get(name)?.text() === value);

/** Replaces a text where it differs from the new one; tells whether it did. */
export function replaceText(node: DocumentNode | undefined, value: string): boolean {
  if (node === undefined || node.text() === value) return false;
  node.replace(value);
  return true;
}
