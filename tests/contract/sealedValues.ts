import { createDecipheriv } from 'node:crypto';

/** `k8s:enc:<cipher>:v1:<key name>:`, then the IV or nonce, the ciphertext and for GCM the tag. */
const SEALED = /^k8s:enc:(aescbc|aesgcm):v1:[^:]+:/;
const SECRET = /"secret":"([A-Za-z0-9+/]{43}=)"/g;

/**
 * Opens what is encrypted at rest with the keys that stand in texts and in the opened values themselves; it shares no
 * code with recert. A value that no key opens is an error.
 */
export function openSealed(
  stored: ReadonlyMap<string, Buffer>,
  texts: readonly string[],
): Map<string, Buffer> {
  const keys = new Set(texts.flatMap(keysIn));
  const opened = new Map<string, Buffer>();
  for (let before = -1; before < opened.size; ) {
    before = opened.size;
    for (const [name, value] of stored) {
      const plain = opened.get(name) ?? opening(name, value, keys);
      if (plain === undefined) continue;
      opened.set(name, plain);
      for (const key of keysIn(plain.toString('latin1'))) keys.add(key);
    }
  }
  const closed = [...stored.keys()].filter((name) => !opened.has(name));
  if (closed.length > 0) throw new Error(`no key opens ${closed.join(', ')}`);
  return opened;
}

const keysIn = (text: string): string[] => [...text.matchAll(SECRET)].map(([, key]) => key!);

function opening(name: string, value: Buffer, keys: Iterable<string>): Buffer | undefined {
  const head = SEALED.exec(value.toString('latin1', 0, 100));
  if (head === null) return value;
  const body = value.subarray(head[0].length);
  for (const key of keys) {
    try {
      const secret = Buffer.from(key, 'base64');
      const plain = head[1] === 'aescbc' ? openCbc(body, secret) : openGcm(body, secret, name);
      if (plain[0] === 0x7b || plain.toString('latin1', 0, 4) === 'k8s\0') return plain;
    } catch {} // another key's
  }
  return undefined;
}

function openCbc(body: Buffer, secret: Buffer): Buffer {
  const cipher = createDecipheriv('aes-256-cbc', secret, body.subarray(0, 16));
  return Buffer.concat([cipher.update(body.subarray(16)), cipher.final()]);
}

function openGcm(body: Buffer, secret: Buffer, name: string): Buffer {
  const cipher = createDecipheriv('aes-256-gcm', secret, body.subarray(0, 12));
  cipher.setAAD(Buffer.from(name)).setAuthTag(body.subarray(-16));
  return Buffer.concat([cipher.update(body.subarray(12, -16)), cipher.final()]);
}
