import { isSelfIssued, isSignedBy } from '#pki/certificate.ts';
import { jwtKeyId, verifyJwt } from '#pki/jwt.ts';
import type { FoundCertificate, FoundKeyPair, FoundToken, Inventory } from './inventory.ts';
import { renderLocation } from './location.ts';

/** Who signed what. A certificate without an entry in `issuers` is a root, or is taken for one. */
export interface CryptoGraph {
  readonly inventory: Inventory;
  readonly issuers: ReadonlyMap<FoundCertificate, FoundCertificate>;
  readonly signees: ReadonlyMap<FoundCertificate, readonly FoundCertificate[]>;
  readonly tokenSigners: ReadonlyMap<FoundToken, FoundKeyPair>;
}

/**
 * Finds the signer of every certificate and token: candidates by name and key identifier, then by signature.
 * The original tries every certificate against every other.
 */
export function relate(inventory: Inventory): CryptoGraph {
  const issuers = relateCertificates(inventory);
  const signees = new Map<FoundCertificate, FoundCertificate[]>();
  for (const [signee, issuer] of issuers) {
    const siblings = signees.get(issuer) ?? [];
    siblings.push(signee);
    signees.set(issuer, siblings);
  }
  return { inventory, issuers, signees, tokenSigners: relateTokens(inventory) };
}

function relateCertificates(inventory: Inventory): Map<FoundCertificate, FoundCertificate> {
  const bySubject = new Map<string, FoundCertificate[]>();
  for (const found of sorted(inventory.certificates.values())) {
    const name = found.certificate.subject.raw.toString('base64');
    bySubject.set(name, [...(bySubject.get(name) ?? []), found]);
  }
  const issuers = new Map<FoundCertificate, FoundCertificate>();
  for (const found of inventory.certificates.values()) {
    const { certificate, keyPair } = found;
    if (isSelfIssued(certificate) && isSignedBy(certificate, keyPair.publicKey)) continue;
    const named = bySubject.get(certificate.issuer.raw.toString('base64')) ?? [];
    const issuer = byLikelihood(found, named).find(
      (candidate) => candidate !== found && isSignedBy(certificate, candidate.keyPair.publicKey),
    );
    if (issuer !== undefined) issuers.set(found, issuer);
    else
      inventory.warn(
        `no signer found for certificate "${certificate.subject.friendly}", it becomes self-signed (${renderLocation(found.locations[0]!)})`,
      );
  }
  return issuers;
}

/** Certificates of one signer that share a key all verify: the one that the authority key identifier names comes first, then the latest. */
function byLikelihood(
  signee: FoundCertificate,
  candidates: readonly FoundCertificate[],
): readonly FoundCertificate[] {
  const wanted = signee.certificate.authorityKeyIdentifier;
  const score = ({ certificate }: FoundCertificate): number => {
    const sameKey = wanted?.keyIdentifier && certificate.subjectKeyIdentifier?.equals(wanted.keyIdentifier);
    const sameSerial = wanted?.serial && certificate.serial.equals(wanted.serial);
    return (sameKey ? 2 : 0) + (sameSerial ? 1 : 0);
  };
  return candidates.toSorted(
    (a, b) =>
      score(b) - score(a) || b.certificate.notAfter.date.getTime() - a.certificate.notAfter.date.getTime(),
  );
}

function relateTokens(inventory: Inventory): Map<FoundToken, FoundKeyPair> {
  const keyPairs = [...inventory.keyPairs.values()].filter(({ spec }) => spec.type !== 'ed25519');
  const byKeyId = new Map(keyPairs.map((keyPair) => [jwtKeyId(keyPair.publicKey), keyPair]));
  const signers = new Map<FoundToken, FoundKeyPair>();
  for (const found of inventory.tokens.values()) {
    const named = byKeyId.get(String(found.jwt.header['kid']));
    const candidates = named === undefined ? keyPairs : [named, ...keyPairs];
    const signer = candidates.find(({ publicKey }) => verifyJwt(found.jwt, publicKey));
    if (signer !== undefined) signers.set(found, signer);
    else
      inventory.warn(
        `token signed by nobody in the cluster is left alone (${renderLocation(found.locations[0]!)})`,
      );
  }
  return signers;
}

const sorted = (found: Iterable<FoundCertificate>): FoundCertificate[] =>
  [...found].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
