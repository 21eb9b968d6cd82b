/** An element of an XML document: its name, its attributes, and elements or text inside. */
export interface XmlElement {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly (XmlElement | string)[];
}

/** The element as text, with everything in it that has a meaning in XML escaped. */
export function renderXml({ name, attributes = {}, children = [] }: XmlElement): string {
  const told = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const start = `<${name}${told.join('')}`;
  if (children.length === 0) return `${start}/>`;
  const inner = children.map((child) => (typeof child === 'string' ? escapeXml(child) : renderXml(child)));
  return `${start}>${inner.join('')}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
