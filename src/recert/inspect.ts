import { createHash } from 'node:crypto';
import type {
  CryptoInventory,
  InventoryCertificate,
  InventoryKey,
  InventoryToken,
} from '#api/cryptoInventory.ts';
import type { RecertConfig } from '#api/recertConfig.ts';
import { isSignedBy } from '#pki/certificate.ts';
import type { KeySpec } from '#pki/keys.ts';
import { gather } from './gather.ts';
import type { FoundCertificate, FoundKeyPair, FoundToken } from './inventory.ts';
import { renderLocation } from './location.ts';
import type { RecertMeans } from './means.ts';
import { publicMarks } from './needles.ts';
import { resolveOptions } from './options.ts';
import { type CryptoGraph, relate } from './relate.ts';
import { externalCertificates, scan } from './scan.ts';
import { findDefects } from './soundness.ts';

/** Finds everything cryptographic in a cluster that is stopped; changes nothing. */
export async function inspect(config: RecertConfig, means: RecertMeans): Promise<CryptoInventory> {
  const options = await resolveOptions(config, means.host.files);
  const access = await means.connect(config);
  try {
    const state = await gather({ config, options, etcd: access?.etcd, means });
    const external = externalCertificates(state.find);
    const { inventory } = await scan(state.objects, state.files, { external });
    return inventoryOf(relate(inventory));
  } finally {
    await access?.close();
  }
}

function inventoryOf(graph: CryptoGraph): CryptoInventory {
  const { inventory, issuers, tokenSigners } = graph;
  const certificates = [...inventory.certificates.values()].map((found) =>
    certificateOf(found, issuers.get(found)),
  );
  const tokens = [...inventory.tokens.values()].map((found) => tokenOf(found, tokenSigners.get(found)));
  return {
    keys: [...inventory.keyPairs.values()].map(keyOf),
    certificates: certificates.toSorted((a, b) => (a.subject < b.subject ? -1 : 1)),
    tokens: tokens.toSorted((a, b) => (a.subject < b.subject ? -1 : 1)),
    warnings: [...inventory.warnings, ...findDefects(graph)],
    marks: publicMarks(inventory).map(({ what, bytes }) => ({ what, bytes: bytes.toString('base64') })),
  };
}

const keyOf = ({ fingerprint, spec, privateLocations, publicLocations }: FoundKeyPair): InventoryKey => ({
  fingerprint,
  type: renderKeyType(spec),
  privateLocations: privateLocations.map(renderLocation),
  publicLocations: publicLocations.map(renderLocation),
});

function renderKeyType(spec: KeySpec): string {
  if (spec.type === 'rsa') return `RSA ${spec.bits}`;
  return spec.type === 'ec' ? `EC ${spec.curve}` : 'Ed25519';
}

function certificateOf(
  { fingerprint, certificate, keyPair, locations }: FoundCertificate,
  issuer: FoundCertificate | undefined,
): InventoryCertificate {
  return {
    fingerprint,
    subject: certificate.subject.friendly,
    issuer: certificate.issuer.friendly,
    ...(issuer && { signedBy: issuer.fingerprint }),
    isSelfSigned: issuer === undefined && isSignedBy(certificate, keyPair.publicKey),
    notBefore: rfc3339(certificate.notBefore.date),
    notAfter: rfc3339(certificate.notAfter.date),
    key: keyPair.fingerprint,
    locations: locations.map(renderLocation),
  };
}

function tokenOf({ token, jwt, locations }: FoundToken, signer: FoundKeyPair | undefined): InventoryToken {
  const { sub, exp } = jwt.payload;
  return {
    fingerprint: createHash('sha256').update(token).digest('hex'),
    subject: typeof sub === 'string' ? sub : '',
    ...(signer && { signedBy: signer.fingerprint }),
    ...(typeof exp === 'number' && { expires: rfc3339(new Date(exp * 1000)) }),
    locations: locations.map(renderLocation),
  };
}

const rfc3339 = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
