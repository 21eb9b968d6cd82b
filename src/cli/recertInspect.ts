import type { CryptoInventory, InventoryCertificate } from '#api/cryptoInventory.ts';
import { renderTable } from './table.ts';

const DAY_MS = 86_400_000;

/** The inventory for people: certificates below their signers, then tokens, then keys of neither; each with its places. */
export function renderInventory(inventory: CryptoInventory, now: Date): string {
  const { certificates, keys, tokens, warnings } = inventory;
  const pairs = new Map(keys.map((pair) => [pair.fingerprint, pair]));
  const signees = Map.groupBy(certificates, ({ signedBy }) => signedBy);
  const rows: string[][] = [['CERTIFICATE', 'EXPIRES', 'KEY', 'FINGERPRINT']];
  const add = (certificate: InventoryCertificate, depth: number): void => {
    const { subject, notAfter, key, fingerprint, locations } = certificate;
    const indent = '  '.repeat(depth);
    rows.push([
      indent + subject,
      renderExpiry(notAfter, now),
      pairs.get(key)?.type ?? '',
      short(fingerprint),
    ]);
    for (const place of locations) rows.push([`${indent}  · ${place}`]);
    for (const place of pairs.get(key)?.privateLocations ?? []) rows.push([`${indent}  · key: ${place}`]);
    for (const signee of signees.get(fingerprint) ?? []) add(signee, depth + 1);
  };
  for (const root of signees.get(undefined) ?? []) add(root, 0);
  const tokenRows = [['TOKEN', 'EXPIRES', 'SIGNED BY', 'FINGERPRINT']];
  for (const { subject, expires, signedBy, fingerprint, locations } of tokens) {
    const until = expires === undefined ? 'never' : renderExpiry(expires, now);
    tokenRows.push([
      subject,
      until,
      signedBy === undefined ? 'unknown' : short(signedBy),
      short(fingerprint),
    ]);
    for (const place of locations) tokenRows.push([`  · ${place}`]);
  }
  return [
    renderBlocks(rows),
    tokens.length > 0 ? `\n${renderBlocks(tokenRows)}` : '',
    renderKeys(inventory),
    ...warnings.map((warning) => `warning: ${warning}\n`),
    `\n${certificates.length} certificates, ${keys.length} keys, ${tokens.length} tokens\n`,
  ].join('');
}

/** Keys that no certificate is for: those that sign tokens, and those of nobody. */
function renderKeys({ keys, certificates }: CryptoInventory): string {
  const certified = new Set(certificates.map(({ key }) => key));
  const alone = keys.filter(({ fingerprint }) => !certified.has(fingerprint));
  if (alone.length === 0) return '';
  const rows = [['KEY WITHOUT CERTIFICATE', 'FINGERPRINT']];
  for (const { type, fingerprint, privateLocations, publicLocations } of alone) {
    rows.push([type, short(fingerprint)]);
    for (const place of privateLocations) rows.push([`  · private: ${place}`]);
    for (const place of publicLocations) rows.push([`  · public:  ${place}`]);
  }
  return `\n${renderBlocks(rows)}`;
}

/** Places are long: they do not widen the first column. */
function renderBlocks(rows: readonly (readonly string[])[]): string {
  const table = renderTable(rows.map((row) => (row.length === 1 ? [] : row))).split('\n');
  return rows.map((row, i) => `${row.length === 1 ? row[0] : table[i]}\n`).join('');
}

const short = (fingerprint: string): string => fingerprint.slice(0, 16);

function renderExpiry(date: string, now: Date): string {
  const days = Math.floor((Date.parse(date) - now.getTime()) / DAY_MS);
  return `${date.slice(0, 10)} ${days < 0 ? `expired ${-days} d ago` : `in ${days} d`}`;
}
