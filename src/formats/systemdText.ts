/** One word of a systemd setting (systemd.syntax(7)), whatever is in it. */
export const quoteSystemdWord = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** systemd takes a percent sign for the begin of a specifier; the password of a proxy's URL may hold one. */
export const escapeSpecifiers = (text: string): string => text.replaceAll('%', '%%');
