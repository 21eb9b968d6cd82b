/**
 * A copy that holds no memory but its own. Buffers are parts of larger ones where they were cut out, and where Node
 * takes them from its pool; one that is kept keeps all of that.
 */
export function ownBytes(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
