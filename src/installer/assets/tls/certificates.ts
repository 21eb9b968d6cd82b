import { renderPemFile, scanPem } from '#formats/pem.ts';
import { parseCertificate } from '#pki/certificate.ts';
import { type Issuer, randomSerial } from '#pki/issue.ts';
import { parsePrivateKey, renderPrivateKeyFile } from '#pki/keys.ts';
import { goName } from '#pki/names.ts';
import { issueLeaf, issueSigner } from '#pki/openshift.ts';
import { type Asset, type AssetInputs, defineAsset, type GenerateContext } from '../../asset.ts';

/** A certificate with its key; both are base64 of PEM, as in upstream's state. */
export interface CertificateAndKey {
  readonly CertRaw: string;
  readonly KeyRaw: string;
}

export interface CertificateBundle {
  readonly BundleRaw: string;
}

const DAY = 24 * 60 * 60;
const TEN_YEARS = 3650 * DAY;
export const TWO_YEARS = 2 * 365 * DAY;
const RSA_2048 = { type: 'rsa', bits: 2048 } as const;

export const certificatePem = ({ CertRaw }: CertificateAndKey): string => fromBase64(CertRaw);
export const keyPem = ({ KeyRaw }: CertificateAndKey): string => fromBase64(KeyRaw);
export const bundlePem = ({ BundleRaw }: CertificateBundle): string => fromBase64(BundleRaw);

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** A signer of OpenShift's API server: self-signed, ten years (spec/installer/04.2). */
export const signerAsset = (
  commonName: string,
  stateKey: string,
): Asset<CertificateAndKey, Record<never, never>> =>
  defineAsset<CertificateAndKey, Record<never, never>>({
    name: `Certificate (${commonName})`,
    stateKey,
    inputs: {},
    generate: (_, context) =>
      newSigner({ commonName, organizationalUnit: ['openshift'] }, TEN_YEARS, context),
  });

/** A fresh self-signed signer. */
export async function newSigner(
  subject: Parameters<typeof goName>[0],
  validitySeconds: number,
  context: GenerateContext,
): Promise<CertificateAndKey> {
  const key = await context.keys.next(RSA_2048);
  const issuer = issueSigner({
    subject: goName(subject),
    key,
    serial: randomSerial(context.random),
    now: context.now,
    validitySeconds,
  });
  return certificateAndKey(issuer);
}

/** A fresh client and server certificate of a signer, ten years. */
export async function newAdminClient(
  signer: CertificateAndKey,
  context: GenerateContext,
): Promise<CertificateAndKey> {
  const key = await context.keys.next(RSA_2048);
  const certificate = issueLeaf({
    subject: goName({ commonName: 'system:admin', organization: ['system:masters'] }),
    key,
    serial: randomSerial(context.random),
    now: context.now,
    validitySeconds: TEN_YEARS,
    issuer: issuerOf(signer),
    extendedKeyUsage: ['serverAuth', 'clientAuth'],
  });
  return certificateAndKey({ certificate, key });
}

const certificateAndKey = ({ certificate, key }: Issuer): CertificateAndKey => ({
  CertRaw: toBase64(renderPemFile('CERTIFICATE', certificate.der)),
  KeyRaw: toBase64(renderPrivateKeyFile(key)),
});

/** The signer as it came out of the state or was just made. */
function issuerOf(signer: CertificateAndKey): Issuer {
  const [certificate] = scanPem(certificatePem(signer)).blocks;
  const [key] = scanPem(keyPem(signer)).blocks;
  return { certificate: parseCertificate(certificate!.der), key: parsePrivateKey(key!).key };
}

/** Subject CN of the certificate. */
export const commonNameOf = (signer: CertificateAndKey): string =>
  issuerOf(signer).certificate.subject.commonName ?? '';

/** A bundle with the certificate of one signer. */
export const caBundleAsset = <Inputs extends AssetInputs>(
  base: string,
  stateKey: string,
  signer: Asset<CertificateAndKey, Inputs>,
): Asset<CertificateBundle, { signer: Asset<CertificateAndKey, Inputs> }> =>
  defineAsset({
    name: `Certificate (${base})`,
    stateKey,
    inputs: { signer },
    generate: (values) => ({ BundleRaw: (values.signer as CertificateAndKey).CertRaw }),
  });

/** The certificates of several bundles, one after the other. */
export const joinBundles = (...bundles: readonly CertificateBundle[]): CertificateBundle => ({
  BundleRaw: toBase64(bundles.map(bundlePem).join('')),
});
