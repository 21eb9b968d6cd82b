import type { KeyObject } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import type { ExtendedKeyUsage } from './extensions.ts';
import { type Issuer, issueCertificate } from './issue.ts';
import type { NameSpec } from './names.ts';

/** What OpenShift's installer varies between its self-signed signers. */
export interface SignerRequest {
  readonly subject: NameSpec;
  readonly key: KeyObject;
  readonly serial: bigint;
  readonly now: Date;
  readonly validitySeconds: number;
}

/** What OpenShift's installer varies between the certificates its signers sign. */
export interface LeafRequest extends SignerRequest {
  readonly issuer: Issuer;
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** The machine config server's certificate has no key usage extension. */
  readonly withoutKeyUsage?: true;
}

/** A self-signed certificate authority with the extensions of OpenShift's signers; valid from `now`. */
export const issueSigner = (request: SignerRequest): Issuer =>
  issueSelfSigned(request, { isAuthority: true });

/** A self-signed certificate that may sign nothing, for a server that its clients know by this very certificate. */
export const issueSelfSignedServer = (request: SignerRequest): Issuer =>
  issueSelfSigned(request, { isAuthority: false });

function issueSelfSigned(request: SignerRequest, { isAuthority }: { isAuthority: boolean }): Issuer {
  const certificate = issueCertificate(
    {
      subject: request.subject,
      serial: request.serial,
      notBefore: request.now,
      notAfter: later(request.now, request.validitySeconds),
      keyUsage: ['digitalSignature', 'keyEncipherment', ...(isAuthority ? (['keyCertSign'] as const) : [])],
      basicConstraints: { ca: isAuthority },
      subjectKeyIdentifier: 'rfc5280',
    },
    request.key,
  );
  return { certificate, key: request.key };
}

/** A certificate of a signer: valid from the start of the signer's validity until `validitySeconds` after `now`. */
export function issueLeaf(request: LeafRequest): Certificate {
  return issueCertificate(
    {
      subject: request.subject,
      serial: request.serial,
      notBefore: request.issuer.certificate.notBefore.date,
      notAfter: later(request.now, request.validitySeconds),
      ...(request.withoutKeyUsage ? {} : { keyUsage: ['digitalSignature', 'keyEncipherment'] }),
      extendedKeyUsage: request.extendedKeyUsage,
      basicConstraints: { ca: false },
      ...(request.dnsNames && { dnsNames: request.dnsNames }),
      ...(request.ipAddresses && { ipAddresses: request.ipAddresses }),
      subjectKeyIdentifier: 'rfc5280',
    },
    request.key,
    request.issuer,
  );
}

const later = (from: Date, seconds: number): Date => new Date(from.getTime() + seconds * 1000);
