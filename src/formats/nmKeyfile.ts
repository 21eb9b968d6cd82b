/** A section of a keyfile: its name and its keys in order. */
export interface KeyfileSection {
  readonly name: string;
  readonly values: readonly (readonly [key: string, value: string])[];
}

/** The text of a NetworkManager keyfile (`*.nmconnection`); sections without keys keep their header. */
export const renderKeyfile = (sections: readonly KeyfileSection[]): string =>
  sections
    .map(({ name, values }) =>
      [`[${name}]`, ...values.map(([key, value]) => `${key}=${escapeValue(value)}`)].join('\n'),
    )
    .join('\n\n')
    .concat('\n');

/** GLib's escapes: a leading blank, line ends, tabs and the backslash itself. */
const escapeValue = (value: string): string =>
  value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/^ /, '\\s');
