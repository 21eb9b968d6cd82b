import type { CryptoInventory } from '#api/cryptoInventory.ts';

/** The inventory in Graphviz's language: keys and certificates, each with an arrow to what it signed. */
export function renderInventoryGraph({ keys, certificates, tokens }: CryptoInventory): string {
  const lines = ['digraph crypto {', '  rankdir=LR;', '  node [shape=box, style=rounded];'];
  for (const { fingerprint, subject, notAfter, locations } of certificates) {
    const label = `${subject}\nuntil ${notAfter.slice(0, 10)}, ${copies(locations)}`;
    lines.push(`  ${quote(fingerprint)} [label=${quote(label)}];`);
  }
  const signers = new Set(tokens.map(({ signedBy }) => signedBy));
  for (const { fingerprint, type, privateLocations } of keys) {
    if (!signers.has(fingerprint)) continue;
    const label = `${type} key ${fingerprint.slice(0, 12)}\n${copies(privateLocations)}`;
    lines.push(`  ${quote(fingerprint)} [label=${quote(label)}, shape=hexagon];`);
  }
  for (const { fingerprint, subject, locations } of tokens)
    lines.push(
      `  ${quote(fingerprint)} [label=${quote(`${subject}\n${copies(locations)}`)}, shape=note, style=solid];`,
    );
  for (const { fingerprint, signedBy } of [...certificates, ...tokens])
    if (signedBy !== undefined) lines.push(`  ${quote(signedBy)} -> ${quote(fingerprint)};`);
  return `${lines.join('\n')}\n}\n`;
}

const copies = ({ length }: readonly string[]): string => (length === 1 ? '1 copy' : `${length} copies`);

const quote = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
