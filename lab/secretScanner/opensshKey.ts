import { type Trait, unsigned } from './keyMaterial.ts';

const MAGIC = Buffer.from('openssh-key-v1\0');

/** The keys in an unencrypted OpenSSH private key (PROTOCOL.key of OpenSSH); empty if it is anything else. */
export function traitsOfOpensshKey(bytes: Buffer): Trait[] {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return [];
  const file = new FieldReader(bytes.subarray(MAGIC.length));
  const cipher = file.field().toString();
  file.field(); // key derivation
  file.field(); // its options
  file.skip(4); // number of keys: always one
  file.field(); // public key, repeated in the private part
  if (cipher !== 'none') return [];
  const key = new FieldReader(file.field());
  key.skip(8); // two equal check numbers
  const type = key.field().toString();
  if (type === 'ssh-rsa') return rsa(key);
  if (type.startsWith('ecdsa-sha2-')) return ecdsa(key);
  return type === 'ssh-ed25519' ? ed25519(key) : [];
}

function rsa(key: FieldReader): Trait[] {
  const [n, , d, , p, q] = [1, 2, 3, 4, 5, 6].map(() => unsigned(key.field()));
  return [
    { kind: 'private-key', distinctive: [p!, q!, d!] },
    { kind: 'public-key', distinctive: [n!] },
  ];
}

function ecdsa(key: FieldReader): Trait[] {
  key.field(); // curve
  const point = key.field();
  return [
    { kind: 'private-key', distinctive: [unsigned(key.field())] },
    { kind: 'public-key', distinctive: [point.subarray(1)] },
  ];
}

function ed25519(key: FieldReader): Trait[] {
  const point = key.field();
  return [
    { kind: 'private-key', distinctive: [key.field().subarray(0, 32)] },
    { kind: 'public-key', distinctive: [point] },
  ];
}

/** SSH's length-prefixed strings; a length beyond the end gives what there is. */
class FieldReader {
  #rest: Buffer;

  constructor(bytes: Buffer) {
    this.#rest = bytes;
  }

  field(): Buffer {
    const length = this.#rest.length >= 4 ? this.#rest.readUInt32BE() : 0;
    const value = this.#rest.subarray(4, 4 + length);
    this.skip(4 + length);
    return value;
  }

  skip(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes);
  }
}
