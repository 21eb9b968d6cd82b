/** A source of random octets: `node:crypto` in life, fixed in tests. */
export type Random = (octets: number) => Buffer;

/** A random number in [0, `below`), each as likely as any other; `below` is at most 256. */
export function randomBelow(random: Random, below: number): number {
  const limit = 256 - (256 % below);
  for (;;) {
    const octet = random(1)[0]!;
    if (octet < limit) return octet % below;
  }
}

/** Random letters of an alphabet. */
export const randomText = (random: Random, alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[randomBelow(random, alphabet.length)]).join('');
