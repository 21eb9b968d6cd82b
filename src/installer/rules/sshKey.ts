/**
 * The type of the public key that the text holds in authorized_keys form, with or without options before it. The first
 * line with a key decides, as upstream's parser does it. Undefined: there is none.
 */
export function authorizedKeyType(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const types = lines.map((line) => (line.startsWith('#') ? undefined : typeOf(line.split(/\s+/))));
  return types.find((type) => type !== undefined);
}

/** A key blob starts with the length and the name of its own type. */
function typeOf(words: readonly string[]): string | undefined {
  return words.find((word, i) => {
    const blob = Buffer.from(words[i + 1] ?? '', 'base64');
    if (blob.length < 4 + word.length + 4 || blob.readUInt32BE(0) !== word.length) return false;
    return blob.toString('latin1', 4, 4 + word.length) === word;
  });
}

/** True if the text holds a public key. */
export const isAuthorizedKey = (text: string): boolean => authorizedKeyType(text) !== undefined;
