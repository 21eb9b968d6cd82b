import { seededRandom } from './scatteredCluster.ts';

/** Pieces that mean something to one of the parsers. */
const TOKENS = [
  ...[
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
    '-----BEGIN ',
    '-----',
    '\n',
    '\r\n',
    '\\n',
  ],
  ...['{', '}', '[', ']', '"', '\\', '\\u0000', ':', ',', 'null', '1e999', '{"a":', '[[[[', '__proto__'],
  ...['- ', '  ', '\t', '|', '>', '&a ', '*a', '!!str ', '---\n', '#', '? ', '<<: *a\n', "'"],
  ...[
    'eyJ',
    '.',
    '=',
    '%',
    '%2',
    '%00',
    'data:,',
    'data:;base64,',
    'LS0tLS1CRUdJTiA',
    'k8s\0',
    '\x1f\x8b\x08',
  ],
].map((token) => Buffer.from(token, 'latin1'));
const BYTES = [
  '00',
  'ff',
  '80',
  '7f',
  '30',
  '3080',
  '3084ffffffff',
  'ffffffffffffffffff01',
  '0a00',
  'efbbbf',
  'c0af',
  'f4908080',
].map((hex) => Buffer.from(hex, 'hex'));
const MOST_EDITS = 5;
const LONGEST_PIECE = 200;
const LARGEST = 200_000;

/** Makes damaged copies of samples; the same seed makes the same copy. */
export class Mutator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** One of the samples with a few edits; now and then as it is. */
  damaged(samples: readonly Buffer[]): Buffer {
    let bytes = this.pick(samples);
    for (let edits = this.below(MOST_EDITS + 1); edits > 0; edits--)
      bytes = this.#edited(bytes, samples).subarray(0, LARGEST);
    return Buffer.from(bytes);
  }

  #edited(bytes: Buffer, samples: readonly Buffer[]): Buffer {
    const at = this.below(bytes.length + 1);
    const end = Math.min(bytes.length, at + this.below(LONGEST_PIECE));
    const spliced = (to: number, ...pieces: Buffer[]) =>
      Buffer.concat([bytes.subarray(0, at), ...pieces, bytes.subarray(to)]);
    switch (this.below(8)) {
      case 0:
        return spliced(at + 1, Buffer.from([this.below(256)]));
      case 1:
        return spliced(at + 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << this.below(8))]));
      case 2:
        return spliced(end);
      case 3:
        return spliced(at, bytes.subarray(at, end));
      case 4:
        return spliced(at, ...Array.from({ length: 1 + this.below(30) }, () => this.pick(TOKENS)));
      case 5:
        return spliced(at, this.pick(BYTES));
      case 6: {
        const token = this.pick([...TOKENS, ...BYTES]);
        return spliced(at, ...Array.from({ length: this.below(2000) }, () => token));
      }
      default: {
        const other = this.pick(samples);
        return spliced(end, other.subarray(this.below(other.length + 1)));
      }
    }
  }
}
