import type { InstallConfig } from '#api/installConfig.ts';
import type { ExtendedKeyUsage } from '#pki/extensions.ts';
import { type Issuer, randomSerial } from '#pki/issue.ts';
import { goName } from '#pki/names.ts';
import { issueLeaf, issueSelfSignedServer, issueSigner, type SignerRequest } from '#pki/openshift.ts';
import type { GenerateContext } from '../../asset.ts';
import { isGateOpen } from '../../rules/featureGates.ts';
import { type CertificateAndKey, certificateAndKey, issuerOf, pemOf } from './certificates.ts';

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
export const TWO_YEARS = 2 * YEAR;
export const TEN_YEARS = 10 * YEAR;
/** The kind of every key of a new cluster. */
export const RSA_2048 = { type: 'rsa', bits: 2048 } as const;

/** How long a certificate is valid that the cluster's operators replace soon after the installation. */
export type Lifetime = 'day' | 'year';

/** The gate lets tests of rotation see one within hours (spec/installer/04.1). */
export function secondsOf(lifetime: Lifetime, config: InstallConfig): number {
  if (isGateOpen(config, 'ShortCertRotation')) return lifetime === 'day' ? HOUR : 2 * HOUR;
  return lifetime === 'day' ? DAY : YEAR;
}

/** What a certificate says, apart from what is the same for all or new in each. */
export interface CertificateRequest {
  /** Name of its files without their extension. */
  readonly base: string;
  readonly subject: Parameters<typeof goName>[0];
  readonly validitySeconds: number;
}

/** A fresh self-signed signer. */
export const newSigner = (
  request: CertificateRequest,
  context: GenerateContext,
): Promise<CertificateAndKey> => newSelfSigned(request, context, issueSigner);

/** A fresh self-signed certificate that is no signer. */
export const newSelfSignedServer = (
  request: CertificateRequest,
  context: GenerateContext,
): Promise<CertificateAndKey> => newSelfSigned(request, context, issueSelfSignedServer);

async function newSelfSigned(
  request: CertificateRequest,
  context: GenerateContext,
  issue: (request: SignerRequest) => Issuer,
): Promise<CertificateAndKey> {
  return certificateAndKey(request.base, pemOf(issue(await fresh(request, context))));
}

/** What a signer is asked for. */
export interface LeafRequest extends CertificateRequest {
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** No key usage extension. */
  readonly withoutKeyUsage?: true;
  /** The signer's certificate follows the new one in the file: what a server sends. */
  readonly isSignerAppended?: true;
}

/** A fresh certificate of a signer. */
export async function newLeaf(
  request: LeafRequest,
  signer: CertificateAndKey,
  context: GenerateContext,
): Promise<CertificateAndKey> {
  const issuer = issuerOf(signer);
  const made = await fresh(request, context);
  const certificate = issueLeaf({
    ...made,
    issuer,
    extendedKeyUsage: request.extendedKeyUsage,
    ...(request.dnsNames && { dnsNames: request.dnsNames }),
    ...(request.ipAddresses && { ipAddresses: request.ipAddresses }),
    ...(request.withoutKeyUsage && { withoutKeyUsage: true }),
  });
  const pem = pemOf({ certificate, key: made.key });
  if (!request.isSignerAppended) return certificateAndKey(request.base, pem);
  const chain = `${pem.certificate}\n${pemOf(issuer).certificate}`;
  return certificateAndKey(request.base, { certificate: chain, key: pem.key });
}

/** The request with what is new in each certificate. */
const fresh = async (request: CertificateRequest, context: GenerateContext): Promise<SignerRequest> => ({
  subject: goName(request.subject),
  key: await context.keys.next(RSA_2048),
  serial: randomSerial(context.random),
  now: context.now,
  validitySeconds: request.validitySeconds,
});
