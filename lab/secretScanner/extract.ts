import { readDer, type Trait } from './keyMaterial.ts';
import { visitLayers } from './layers.ts';
import { traitsOfOpensshKey } from './opensshKey.ts';

/** JOSE header `{"`, payload, signature of at least 256 bits. */
const JWT = /eyJ[\w-]{8,}\.[\w-]{8,}\.([\w-]{43,})/g;
const BCRYPT = /\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}/g;
/** `token:` and `password:` of a kubeconfig, in YAML or JSON. */
const KUBECONFIG_CREDENTIAL = /["']?\b(?:token|password)["']?:\s*["']?([^\s"',}]{24,})/g;
const OPENSSH_MAGIC = 'openssh-key-v1\0';
const SEQUENCE_TAG = 0x30;

/** Everything in the bytes, however encoded, that gives access or vouches for somebody: keys, certificates, tokens, hashes. */
export function extractTraits(bytes: Buffer): Trait[] {
  const traits: Trait[] = [];
  visitLayers(bytes, ({ bytes: layer }) => {
    traits.push(...traitsOfBinary(layer), ...traitsOfText(layer.toString('latin1')));
  });
  return traits;
}

/**
 * base64 runs are layers of their own, so PEM needs no parser: its body shows up as DER somewhere in a decoded run
 * (the words of the label may stand before it). What was recognised is stepped over: a certificate holds other sequences.
 */
function traitsOfBinary(layer: Buffer): Trait[] {
  const traits: Trait[] = [];
  for (let at = layer.indexOf(OPENSSH_MAGIC); at >= 0; at = layer.indexOf(OPENSSH_MAGIC, at + 1)) {
    traits.push(...traitsOfOpensshKey(layer.subarray(at)));
  }
  for (let at = layer.indexOf(SEQUENCE_TAG); at >= 0; at = layer.indexOf(SEQUENCE_TAG, at)) {
    const { traits: found, length } = readDer(layer.subarray(at));
    traits.push(...found);
    at += found.length > 0 ? length : 1;
  }
  return traits;
}

function traitsOfText(text: string): Trait[] {
  const traits: Trait[] = [];
  const take = (kind: Trait['kind'], value: string | undefined): void => {
    if (value !== undefined) traits.push({ kind, distinctive: [Buffer.from(value, 'latin1')] });
  };
  if (text.includes('eyJ')) for (const match of text.matchAll(JWT)) take('token', match[1]);
  if (text.includes('$2')) for (const [hash] of text.matchAll(BCRYPT)) take('password-hash', hash);
  if (text.includes('clusters') && text.includes('users')) {
    for (const [, credential = ''] of text.matchAll(KUBECONFIG_CREDENTIAL)) {
      // Of a JWT the signature is distinctive, and was taken above: a token for the same account has the same payload.
      if (credential.search(JWT) < 0) take('token', credential);
    }
  }
  return traits;
}
