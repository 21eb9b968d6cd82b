/**
 * True if the text holds a public key in authorized_keys form, with or without options before it. The first line with
 * a key decides, as upstream's parser does it.
 */
export function isAuthorizedKey(text: string): boolean {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.some((line) => !line.startsWith('#') && holdsKey(line.split(/\s+/)));
}

/** A key blob starts with the length and the name of its own type. */
function holdsKey(words: readonly string[]): boolean {
  return words.some((word, i) => {
    const blob = Buffer.from(words[i + 1] ?? '', 'base64');
    if (blob.length < 4 + word.length + 4 || blob.readUInt32BE(0) !== word.length) return false;
    return blob.toString('latin1', 4, 4 + word.length) === word;
  });
}
