import type { Change } from '../renames.ts';

/** IPv6 literals stand in brackets in URLs. */
export const urlHost = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/**
 * Replaces an address where it stands by itself: 192.168.1.1 is not found in 192.168.1.10 or 10.192.168.1.1.
 * The original replaces any substring.
 */
function replaceAddress(text: string, change: Change): string {
  const old = change.old.replaceAll('.', '\\.');
  const pattern = change.old.includes(':')
    ? `(?<![0-9A-Fa-f:.])${old}(?![0-9A-Fa-f:]|\\.[0-9])`
    : `(?<![0-9]|[0-9]\\.)${old}(?![0-9]|\\.[0-9])`;
  return text.replace(new RegExp(pattern, 'gi'), () => change.new);
}

/** All changes at once, so that swapped addresses do not meet. */
export function replaceAddresses(text: string, changes: readonly Change[]): string {
  const marks = changes.map((_, index) => `\u0000${index}\u0000`);
  const marked = changes.reduce(
    (at, change, index) => replaceAddress(at, { old: change.old, new: marks[index]! }),
    text,
  );
  return changes.reduce((at, change, index) => at.replaceAll(marks[index]!, change.new), marked);
}
