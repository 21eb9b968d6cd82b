import { isIP } from 'node:net';
import { renderPemFile } from '#formats/pem.ts';
import type { Certificate } from '#pki/certificate.ts';
import { type Issuer, issueCertificate, randomSerial } from '#pki/issue.ts';
import type { KeySource } from '#pki/keySource.ts';
import { type KeySpec, renderPrivateKeyFile, renderPublicKeyFile } from '#pki/keys.ts';
import { goName } from '#pki/names.ts';
import { issueLeaf, issueSigner } from '#pki/openshift.ts';
import { type LeafName, type LeafSpec, leafSpecs } from './certificates.ts';
import type { SeedIdentity } from './identity.ts';
import { type SignerName, type SignerSpec, signerSpecs } from './signers.ts';

/** PEM of a signer; without a key where OpenShift keeps none. */
interface Signer {
  readonly certificate: string;
  readonly key?: string;
}

/** PEM of a certificate and of its key (PKCS#1, as OpenShift writes RSA keys). */
export interface Leaf {
  readonly certificate: string;
  readonly key: string;
}

/** PEM; the public half is labelled `RSA PUBLIC KEY` around SubjectPublicKeyInfo, as OpenShift writes it. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** All key material of one seed cluster. */
export interface SeedPki {
  readonly signers: Readonly<Record<SignerName, Signer>>;
  readonly leaves: Readonly<Record<LeafName, Leaf>>;
  /** Signs the legacy tokens of service accounts. */
  readonly serviceAccount: KeyPair;
  /** Signs bound tokens. */
  readonly boundServiceAccount: KeyPair;
  /** Authorities outside the cluster that it trusts; nothing of the project may change them. */
  readonly externalRoots: readonly string[];
}

export interface PkiSources {
  readonly keys: KeySource;
  /** Start of every certificate's validity. */
  readonly madeAt: Date;
}

const RSA: KeySpec = { type: 'rsa', bits: 2048 };
const DAY_SECONDS = 86_400;
const EXTERNAL_ROOTS = ['Example Trust Services Root R1', 'Example Trust Services Root R2'];

/** Makes every signer, certificate and key of a seed cluster; keys are generated as parallel as the source allows. */
export async function makeSeedPki(identity: SeedIdentity, sources: PkiSources): Promise<SeedPki> {
  const specs = signerSpecs(sources.madeAt);
  const issuers = new Map<SignerName, Promise<Issuer>>();
  const issuerOf = (name: SignerName): Promise<Issuer> => {
    const made = issuers.get(name) ?? makeSigner(specs[name], sources, issuerOf);
    issuers.set(name, made);
    return made;
  };
  const [signers, leaves, serviceAccount, boundServiceAccount, externalRoots] = await Promise.all([
    mapValues(specs, async (spec, name) => signerPem(await issuerOf(name), spec)),
    mapValues(leafSpecs(identity), async (spec) => makeLeaf(spec, sources, await issuerOf(spec.signer))),
    makeKeyPair(sources.keys),
    makeKeyPair(sources.keys),
    Promise.all(EXTERNAL_ROOTS.map((name) => makeExternalRoot(name, sources))),
  ]);
  return { signers, leaves, serviceAccount, boundServiceAccount, externalRoots };
}

async function makeSigner(
  spec: SignerSpec,
  { keys, madeAt }: PkiSources,
  issuerOf: (name: SignerName) => Promise<Issuer>,
): Promise<Issuer> {
  const key = await keys.next(RSA);
  const subject = goName({
    commonName: spec.commonName,
    ...(spec.organizationalUnit !== undefined && { organizationalUnit: [spec.organizationalUnit] }),
    ...(spec.organization !== undefined && { organization: [spec.organization] }),
  });
  const validitySeconds = spec.days * DAY_SECONDS;
  if (spec.signedBy === undefined) {
    return issueSigner({ subject, key, serial: randomSerial(), now: madeAt, validitySeconds });
  }
  const intermediate = {
    subject,
    serial: randomSerial(),
    notBefore: madeAt,
    notAfter: new Date(madeAt.getTime() + validitySeconds * 1000),
    keyUsage: ['digitalSignature', 'keyEncipherment', 'keyCertSign'],
    basicConstraints: { ca: true },
    subjectKeyIdentifier: 'rfc5280',
    authorityKeyIdentifier: true,
  } as const;
  return { certificate: issueCertificate(intermediate, key, await issuerOf(spec.signedBy)), key };
}

async function makeLeaf(spec: LeafSpec, { keys, madeAt }: PkiSources, issuer: Issuer): Promise<Leaf> {
  const key = await keys.next(RSA);
  const certificate = issueLeaf({
    subject: goName({ commonName: spec.commonName, organization: spec.organizations }),
    key,
    serial: randomSerial(),
    now: madeAt,
    validitySeconds: spec.days * DAY_SECONDS,
    issuer,
    extendedKeyUsage: spec.usages,
    dnsNames: spec.hosts.filter((host) => isIP(host) === 0),
    ipAddresses: spec.hosts.filter((host) => isIP(host) !== 0),
  });
  return { certificate: certificatePem(certificate), key: renderPrivateKeyFile(key) };
}

async function makeKeyPair(keys: KeySource): Promise<KeyPair> {
  const key = await keys.next(RSA);
  return { privateKey: renderPrivateKeyFile(key), publicKey: renderPublicKeyFile(key) };
}

async function makeExternalRoot(commonName: string, { keys, madeAt }: PkiSources): Promise<string> {
  const { certificate } = issueSigner({
    subject: goName({ commonName, organization: ['Example Trust Services'] }),
    key: await keys.next(RSA),
    serial: randomSerial(),
    now: madeAt,
    validitySeconds: 20 * 365 * DAY_SECONDS,
  });
  return certificatePem(certificate);
}

function signerPem({ certificate, key }: Issuer, spec: SignerSpec): Signer {
  const pem = certificatePem(certificate);
  return spec.keyIsKept ? { certificate: pem, key: renderPrivateKeyFile(key) } : { certificate: pem };
}

const certificatePem = ({ der }: Certificate): string => renderPemFile('CERTIFICATE', der);

async function mapValues<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  map: (value: From, name: Name) => Promise<To>,
): Promise<Record<Name, To>> {
  const names = Object.keys(record) as Name[];
  const values = await Promise.all(names.map((name) => map(record[name], name)));
  return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Record<Name, To>;
}
