import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const TOKEN = /\beyJ[\w-]+\.([\w-]+)\.[\w-]+/g;
const BASE64 = /[A-Za-z0-9+/]{64,}={0,2}/g;
const DATA_URL = /\bdata:([\w/;=.+-]*),([\w%+/=.~!*'();-]*)/g;

/**
 * A text with keys, certificates and tokens described instead of quoted, so that two runs can be compared: what is
 * random goes, everything that a run decides stays. Base64 and data URLs that hold such are opened; the head of a data
 * URL is kept.
 */
export function maskCrypto(text: string): string {
  return text
    .replace(DATA_URL, (_url, head: string, payload: string) => {
      const isBase64 = head.endsWith(';base64');
      const content = isBase64
        ? Buffer.from(payload, 'base64').toString('utf8')
        : decodeURIComponent(payload);
      return `data:${head},<${maskCrypto(content)}>`;
    })
    .replace(BASE64, (run) => {
      const content = Buffer.from(run, 'base64').toString('utf8');
      return content.includes('-----BEGIN ') ? `base64<${maskCrypto(content)}>` : run;
    })
    .replace(PEM, (block, label: string) => `<${label}: ${describe(unindented(block), label)}>`)
    .replace(TOKEN, (_token, payload: string) => `<token ${payload}>`);
}

/** A block inside a YAML block scalar. */
const unindented = (block: string): string => block.replace(/\n[ \t]+/g, '\n');

function describe(block: string, label: string): string {
  if (label === 'CERTIFICATE') return describeCertificate(new X509Certificate(block));
  if (label.endsWith('PRIVATE KEY')) return describeKey(createPrivateKey(block));
  // The cluster writes SPKI under this label.
  const der = Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64');
  return describeKey(createPublicKey({ key: der, format: 'der', type: 'spki' }));
}

function describeCertificate(certificate: X509Certificate): string {
  const { subject, issuer, subjectAltName, ca, keyUsage, validFromDate, validToDate } = certificate;
  const names = [subject, issuer].map((name) => name?.replaceAll('\n', ', '));
  const span = `${(validToDate.getTime() - validFromDate.getTime()) / 1000} s`;
  const key = describeKey(certificate.publicKey);
  return [...names, subjectAltName, ca ? 'CA' : 'leaf', keyUsage?.join(), span, key].join('; ');
}

function describeKey({ asymmetricKeyType, asymmetricKeyDetails: details }: KeyObject): string {
  return `${asymmetricKeyType} ${details?.modulusLength ?? details?.namedCurve ?? ''}`;
}
