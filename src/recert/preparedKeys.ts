import type { KeyObject } from 'node:crypto';
import { Failure } from '#base/failure.ts';
import { scanPem } from '#formats/pem.ts';
import {
  isPrivateKeyLabel,
  type KeySpec,
  keyFingerprint,
  keySpecName,
  keySpecOf,
  parsePrivateKey,
} from '#pki/keys.ts';
import type { Files } from '#system/host.ts';

/** What others than the owner may do with a file. */
const OTHERS = 0o077;

/**
 * Hands out the private keys of a PEM file, each once, and nothing when no more of a kind are left. For benchmarks and
 * tests: making keys takes most of a run's time and says nothing about recert.
 *
 * @throws Failure recert/config if others can read the file, or it holds something else, or a key twice
 */
export async function readPreparedKeys(
  path: string,
  files: Files,
): Promise<(spec: KeySpec) => KeyObject | undefined> {
  const mode = (await files.facts(path))?.mode ?? 0;
  if ((mode & OTHERS) !== 0)
    throw refusal(`${path} can be read or written by others than its owner`, `run chmod 0600 ${path}`);
  const { blocks, defects } = scanPem(await files.read(path));
  if (blocks.length === 0 || defects.length > 0 || blocks.some(({ label }) => !isPrivateKeyLabel(label)))
    throw refusal(`${path} must hold private keys in PEM, and no other blocks`);
  const stock = new Map<string, KeyObject[]>();
  const seen = new Set<string>();
  for (const block of blocks) {
    const { key } = parsePrivateKey(block);
    const fingerprint = keyFingerprint(key);
    if (seen.has(fingerprint))
      throw refusal(`${path} holds a key twice: block ${block.index} was there before`);
    seen.add(fingerprint);
    const kind = keySpecName(keySpecOf(key));
    stock.set(kind, [...(stock.get(kind) ?? []), key]);
  }
  return (spec) => stock.get(keySpecName(spec))?.shift();
}

const refusal = (reason: string, hint?: string): Failure =>
  new Failure({
    code: 'recert/config',
    message: `key_pool: ${reason}`,
    ...(hint !== undefined && { hint }),
  });
