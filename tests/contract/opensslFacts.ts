import { ipOctets, ipText } from '#pki/ipAddress.ts';
import { localHost } from '#system/localHost.ts';

const KEY_USAGES: Readonly<Record<string, string>> = {
  'Digital Signature': 'digital_signature',
  'Key Encipherment': 'key_encipherment',
  'Certificate Sign': 'key_cert_sign',
};
const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  'TLS Web Server Authentication': 'serverAuth',
  'TLS Web Client Authentication': 'clientAuth',
};
const HOUR = 3_600_000;

/** The facts of a certificate that the recordings hold, as the openssl program reads it: not by our own parser. */
export async function opensslFacts(pem: string): Promise<object> {
  const argv = ['openssl', 'x509', '-noout', '-text', '-nameopt', 'RFC2253'];
  const { stdout } = await localHost.run(argv, { input: pem });
  const line = (mark: string): string => new RegExp(`${mark} *:(?: (.*))?$`, 'm').exec(stdout)?.[1] ?? '';
  const date = (mark: string): number => Date.parse(line(mark));
  return {
    subject: withSortedParts(line('Subject')),
    issuer: withSortedParts(line('Issuer')),
    validityHours: (date('Not After') - date('Not Before')) / HOUR,
    signatureHash: line('Signature Algorithm') === 'sha256WithRSAEncryption' ? 'sha256' : 'another',
    key: `${line('Public Key Algorithm') === 'rsaEncryption' ? 'RSA' : ''}${/\((\d+) bit\)/.exec(stdout)?.[1]}`,
    extensions: extensionsOf(stdout),
  };
}

/** The members of one relative name have no order. */
const withSortedParts = (name: string): string =>
  name
    .split(',')
    .map((part) => part.split('+').toSorted().join('+'))
    .join(',');

function extensionsOf(text: string): object {
  const extension = (name: string) =>
    new RegExp(`X509v3 ${name}:( critical)? *\\n +(.*)$`, 'm').exec(text) ?? undefined;
  const members = (name: string): string[] => extension(name)?.[2]?.split(', ') ?? [];
  const usages = members('Key Usage').map((usage) => KEY_USAGES[usage] ?? usage);
  const extended = members('Extended Key Usage').map((usage) => EXTENDED_KEY_USAGES[usage] ?? usage);
  const names = members('Subject Alternative Name').map(altName);
  const constraints = extension('Basic Constraints');
  return {
    ...(usages.length > 0 && {
      keyUsage: usages.toSorted(),
      'keyUsage.critical': extension('Key Usage')?.[1] !== undefined,
    }),
    ...(extended.length > 0 && { extendedKeyUsage: extended }),
    ...(constraints && {
      basicConstraints: { ca: constraints[2] === 'CA:TRUE', pathLength: null },
      'basicConstraints.critical': constraints[1] !== undefined,
    }),
    ...(extension('Subject Key Identifier') && { subjectKeyIdentifier: true }),
    ...(extension('Authority Key Identifier') && { authorityKeyIdentifier: true }),
    ...(names.length > 0 && { subjectAltName: names }),
  };
}

function altName(text: string): string {
  const [kind, value] = text.split(/:(.*)/s);
  return kind === 'IP Address' ? `IP:${ipText(ipOctets(value!)!)}` : text;
}
