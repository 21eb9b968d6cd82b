/** One element of BER as far as keys and certificates use it. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** Bytes of the whole element, header included. */
  readonly bytes: Buffer;
}

export const [INTEGER, BIT_STRING, OCTET_STRING, SEQUENCE] = [0x02, 0x03, 0x04, 0x30];
export const contextTag = (number: number): number => 0xa0 | number;

/** The element at the start of the bytes, or undefined if there is no complete one. */
export function readElement(bytes: Buffer): Element | undefined {
  const tag = bytes[0];
  const first = bytes[1];
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return elementOf(bytes, tag, 2, first);
  const digits = first & 0x7f;
  if (digits === 0 || digits > 4 || bytes.length < 2 + digits) return undefined;
  return elementOf(bytes, tag, 2 + digits, bytes.readUIntBE(2, digits));
}

function elementOf(bytes: Buffer, tag: number, header: number, length: number): Element | undefined {
  const end = header + length;
  if (end > bytes.length) return undefined;
  return { tag, content: bytes.subarray(header, end), bytes: bytes.subarray(0, end) };
}

/** The elements side by side in a constructed element's content; undefined if they don't fill it exactly. */
export function readChildren(element: Element | undefined): Element[] | undefined {
  if (element === undefined) return undefined;
  const children: Element[] = [];
  for (let rest = element.content; rest.length > 0; ) {
    const child = readElement(rest);
    if (child === undefined) return undefined;
    children.push(child);
    rest = rest.subarray(child.bytes.length);
  }
  return children;
}
