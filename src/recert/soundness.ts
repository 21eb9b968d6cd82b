import { isSelfIssued, isSignedBy } from '#pki/certificate.ts';
import type { FoundCertificate } from './inventory.ts';
import { type Location, renderLocation } from './location.ts';
import type { CryptoGraph } from './relate.ts';

/**
 * What would stop components from trusting each other: certificates that claim a signer of the cluster which did not
 * sign them, and private keys beside certificates of other keys. Each is a sentence that names the place.
 */
export function findDefects(graph: CryptoGraph): string[] {
  return [...new Set([...brokenChains(graph), ...strangerKeys(graph)])];
}

function brokenChains({ inventory, issuers }: CryptoGraph): string[] {
  const subjects = new Set(
    [...inventory.certificates.values()].map(({ certificate }) => nameId(certificate.subject)),
  );
  return [...inventory.certificates.values()]
    .filter((found) => !issuers.has(found) && !signsItself(found))
    .filter(({ certificate }) => subjects.has(nameId(certificate.issuer)))
    .flatMap(({ certificate, locations }) =>
      locations.map(
        (location) =>
          `certificate "${certificate.subject.friendly}" is not signed by this cluster's "${certificate.issuer.friendly}" (${renderLocation(location)})`,
      ),
    );
}

const nameId = ({ raw }: { readonly raw: Buffer }): string => raw.toString('latin1');

/** One without a signer in the cluster signs itself after a run, whatever issuer it names. */
const signsItself = ({ certificate, keyPair }: FoundCertificate): boolean =>
  isSelfIssued(certificate) || isSignedBy(certificate, keyPair.publicKey);

/** A private key in the same value as certificates, or in `x.key` beside `x.crt`, is the key of one of them. */
function strangerKeys({ inventory }: CryptoGraph): string[] {
  const certified = new Map<string, Set<string>>();
  for (const { keyPair, locations } of inventory.certificates.values())
    for (const location of locations) {
      const place = placeOf(location);
      certified.set(place, (certified.get(place) ?? new Set()).add(keyPair.fingerprint));
    }
  const defects: string[] = [];
  for (const { fingerprint, privateLocations } of inventory.keyPairs.values())
    for (const location of privateLocations) {
      const place = placeOf(location);
      const beside = certified.get(place) ?? certified.get(place.replace(/\.key$/, '.crt'));
      if (beside !== undefined && !beside.has(fingerprint))
        defects.push(`private key without its certificate beside it (${renderLocation(location)})`);
    }
  return defects;
}

const placeOf = ({ holder }: Location): string =>
  holder.type === 'file' ? holder.path : `${holder.key} ${holder.pointer}`;
