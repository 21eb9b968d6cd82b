import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { collectSecrets } from './collect.ts';
import { readPlaces } from './places.ts';
import { renderScanResult } from './report.ts';
import { type ScanResult, scanPlaces } from './scan.ts';
import { parseOldSecrets, renderOldSecrets } from './secret.ts';

export interface CollectOptions {
  /** Trees of the seed: its /etc and /var, with etcd's data directory. */
  readonly trees: readonly string[];
  /** Files with certificates of external authorities. */
  readonly external: readonly string[];
  readonly exclude: readonly string[];
  /** The list of secrets is written here, 0600. */
  readonly out: string;
}

/** `sower lab scan collect`: returns how many secrets the seed has. */
export async function collectFromSeed(options: CollectOptions): Promise<number> {
  const places = readPlaces({ roots: options.trees, exclude: options.exclude });
  const secrets = collectSecrets(
    places,
    options.external.map((path) => readFileSync(path)),
  );
  await writeFile(options.out, renderOldSecrets(secrets), { mode: 0o600, flag: 'wx' });
  return secrets.length;
}

export interface ScanOptions {
  /** Lists that {@link collectFromSeed} wrote; what stands in several of them counts once. */
  readonly secrets: readonly string[];
  /** Trees of the clone: its /etc and /var, with etcd's data directory. */
  readonly trees: readonly string[];
  readonly exclude: readonly string[];
}

/** `sower lab scan`: the text to print and what was found; anything left over means exit code 1. */
export function scanClone(options: ScanOptions): ScanResult & { readonly text: string } {
  const lists = options.secrets.map((list) => parseOldSecrets(readFileSync(list, 'utf8')));
  const secrets = [...new Map(lists.flat().map((secret) => [secret.fingerprint, secret])).values()];
  const result = scanPlaces(readPlaces({ roots: options.trees, exclude: options.exclude }), secrets);
  return { ...result, text: renderScanResult(result) };
}
