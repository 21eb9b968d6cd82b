import type { KeyObject } from 'node:crypto';
import { Failure } from '#base/failure.ts';
import type { PemReplacement } from '#formats/nestedText.ts';
import { type Certificate, certificatePublicKey } from '#pki/certificate.ts';
import { resignJwt } from '#pki/jwt.ts';
import type { KeySource } from '#pki/keySource.ts';
import { keyFingerprint, type PrivateKeyFormat, privateKeyDer, publicKeyDer } from '#pki/keys.ts';
import type { NameRule } from '#pki/nameRules.ts';
import { expiredValidity, extendedValidity, isRenamed, reissueCertificate } from '#pki/resign.ts';
import type { FoundCertificate, FoundKeyPair, FoundToken } from './inventory.ts';
import { renderLocation } from './location.ts';
import type { CryptoGraph } from './relate.ts';

/** What the configuration says about keys and certificates. */
export interface CryptoRules {
  readonly nameRules: readonly NameRule[];
  /** Renew only trees in which some certificate changes by the name rules. */
  readonly ipChangeOnly: boolean;
  readonly useKeys: readonly { readonly commonName: string; readonly key: KeyObject }[];
  readonly useCertificates: readonly Certificate[];
  readonly validity: 'keep' | 'extend' | 'expire';
}

export interface Means {
  readonly keys: KeySource;
  readonly now: Date;
  /** Cryptographically random bytes. */
  random(length: number): Buffer;
}

/** New material for everything that is replaced, and what to write in the place of each block and token. */
export interface Regenerated {
  readonly blocks: ReadonlyMap<string, PemReplacement>;
  readonly tokens: ReadonlyMap<string, string>;
  readonly keys: ReadonlyMap<FoundKeyPair, KeyObject>;
  readonly certificates: ReadonlyMap<FoundCertificate, Certificate>;
  /** Named findings and warnings, for the log. */
  readonly warnings: readonly string[];
}

/** OpenShift stores the key of this signer nowhere; where one is found it is removed (spec additions, part 1). */
const NEVER_STORED = 'CN=admin-kubeconfig-signer, OU=openshift';
const SERIAL_BYTES = 16;

/** New keys, then certificates from the roots down, then tokens. Nothing is written yet. */
export async function regenerate(graph: CryptoGraph, rules: CryptoRules, means: Means): Promise<Regenerated> {
  const scope = rules.ipChangeOnly ? renamedTrees(graph, rules.nameRules) : everything(graph);
  const given = givenCertificates(graph, scope, rules);
  const keys = await newKeys(graph, scope, rules, means);
  for (const [found, certificate] of given) keys.set(found.keyPair, certificatePublicKey(certificate));
  const warnings: string[] = [];
  const renewal = new CertificateRenewal(graph, { keys, given, rules, means, warnings });
  const certificates = renewal.renew(scope.certificates);
  const tokens = new Map<string, string>();
  for (const [found, signer] of graph.tokenSigners) {
    const key = keys.get(signer);
    if (key !== undefined && scope.tokens.has(found)) tokens.set(found.token, resignJwt(found.jwt, key));
  }
  return {
    blocks: replacementBlocks(graph, keys, certificates, warnings),
    tokens,
    keys,
    certificates,
    warnings,
  };
}

interface Scope {
  readonly certificates: ReadonlySet<FoundCertificate>;
  readonly keyPairs: ReadonlySet<FoundKeyPair>;
  readonly tokens: ReadonlySet<FoundToken>;
}

function everything({ inventory }: CryptoGraph): Scope {
  return {
    certificates: new Set(inventory.certificates.values()),
    keyPairs: new Set(inventory.keyPairs.values()),
    tokens: new Set(inventory.tokens.values()),
  };
}

function renamedTrees(graph: CryptoGraph, rules: readonly NameRule[]): Scope {
  const certificates = new Set<FoundCertificate>();
  for (const root of graph.inventory.certificates.values()) {
    if (graph.issuers.has(root)) continue;
    const tree = descendants(graph, root);
    if ([...tree].some(({ certificate }) => isRenamed(certificate, rules)))
      for (const found of tree) certificates.add(found);
  }
  return { certificates, keyPairs: new Set([...certificates].map((c) => c.keyPair)), tokens: new Set() };
}

function descendants(graph: CryptoGraph, root: FoundCertificate): Set<FoundCertificate> {
  const tree = new Set([root]);
  for (const found of tree) for (const signee of graph.signees.get(found) ?? []) tree.add(signee);
  return tree;
}

/** Certificates that the configuration brings, each in the place of the one with its common name. */
function givenCertificates(
  graph: CryptoGraph,
  scope: Scope,
  rules: CryptoRules,
): Map<FoundCertificate, Certificate> {
  const given = new Map<FoundCertificate, Certificate>();
  for (const found of scope.certificates) {
    const { commonName, friendly } = found.certificate.subject;
    const certificate = rules.useCertificates.find(({ subject }) => subject.commonName === commonName);
    if (commonName === undefined || certificate === undefined) continue;
    const signee = graph.signees.get(found)?.[0];
    if (signee !== undefined) {
      throw new Failure({
        code: 'recert/use-cert-has-signees',
        message: `replacement cert cannot be used with signees: "${friendly}" signed "${signee.certificate.subject.friendly}" (${renderLocation(signee.locations[0]!)})`,
        hint: 'remove the signed certificate from the cluster, or give the signer a key with use_key_rules instead',
      });
    }
    const stored = found.keyPair.privateLocations[0];
    if (stored !== undefined && friendly !== NEVER_STORED) {
      throw new Failure({
        code: 'recert/use-cert-has-key',
        message: `replacement cert cannot be used: the private key of "${friendly}" is stored (${renderLocation(stored)}) and would no longer match`,
        hint: 'use a use_key_rules entry for this name instead',
      });
    }
    given.set(found, certificate);
  }
  return given;
}

async function newKeys(
  { inventory }: CryptoGraph,
  scope: Scope,
  rules: CryptoRules,
  means: Means,
): Promise<Map<FoundKeyPair, KeyObject>> {
  const chosen = new Map<FoundKeyPair, KeyObject>();
  for (const { certificate, keyPair } of scope.certificates) {
    const rule = rules.useKeys.find(({ commonName }) => commonName === certificate.subject.commonName);
    if (rule !== undefined) chosen.set(keyPair, rule.key);
  }
  const fresh = async ({ spec }: FoundKeyPair): Promise<KeyObject> => {
    const key = await means.keys.next(spec);
    if (inventory.keyPairs.has(keyFingerprint(key))) throw reused();
    return key;
  };
  const keys = [...scope.keyPairs].map(
    async (keyPair) => [keyPair, chosen.get(keyPair) ?? (await fresh(keyPair))] as const,
  );
  return new Map(await Promise.all(keys));
}

const reused = (): Failure =>
  new Failure({
    code: 'recert/key-reused',
    message: 'a key that is to be new is in use in the cluster already',
    hint: 'the file of key_pool was used for this cluster before: make another one',
  });

interface Renewal {
  readonly keys: ReadonlyMap<FoundKeyPair, KeyObject>;
  readonly given: ReadonlyMap<FoundCertificate, Certificate>;
  readonly rules: CryptoRules;
  readonly means: Means;
  readonly warnings: string[];
}

/** Issuers are renewed before what they signed, whatever the order of asking. */
class CertificateRenewal {
  readonly #graph: CryptoGraph;
  readonly #renewal: Renewal;
  readonly #renewed = new Map<FoundCertificate, Certificate>();

  constructor(graph: CryptoGraph, renewal: Renewal) {
    this.#graph = graph;
    this.#renewal = renewal;
  }

  renew(certificates: Iterable<FoundCertificate>): Map<FoundCertificate, Certificate> {
    for (const found of certificates) this.#renewOne(found, new Set());
    return this.#renewed;
  }

  #renewOne(found: FoundCertificate, underWay: Set<FoundCertificate>): Certificate {
    const done = this.#renewed.get(found) ?? this.#renewal.given.get(found);
    if (done !== undefined) {
      this.#renewed.set(found, done);
      return done;
    }
    underWay.add(found);
    const issuer = this.#graph.issuers.get(found);
    // Signers that certified each other would wait for each other: the second one becomes a root.
    const signer =
      issuer === undefined || underWay.has(issuer)
        ? { key: this.#keyOf(found) }
        : { key: this.#keyOf(issuer), certificate: this.#renewOne(issuer, underWay) };
    const { certificate, report } = reissueCertificate({
      certificate: found.certificate,
      signer,
      subjectKey: this.#keyOf(found),
      serial: this.#serial(),
      rules: this.#renewal.rules.nameRules,
      ...this.#validity(found),
    });
    for (const { path: subject, message } of report)
      this.#renewal.warnings.push(
        `certificate "${subject}": ${message} (${renderLocation(found.locations[0]!)})`,
      );
    this.#renewed.set(found, certificate);
    return certificate;
  }

  #keyOf(found: FoundCertificate): KeyObject {
    const key = this.#renewal.keys.get(found.keyPair);
    if (key === undefined) throw new Error('a certificate in scope has no new key');
    return key;
  }

  #serial(): bigint {
    const bytes = this.#renewal.means.random(SERIAL_BYTES);
    bytes[0] = (bytes[0]! & 0x7f) | 0x40;
    return BigInt(`0x${bytes.toString('hex')}`);
  }

  #validity({ certificate }: FoundCertificate): Pick<Parameters<typeof reissueCertificate>[0], 'validity'> {
    const { rules, means } = this.#renewal;
    if (rules.validity === 'extend') return { validity: extendedValidity(certificate, means.now) };
    if (rules.validity === 'expire') return { validity: expiredValidity(certificate, means.now) };
    return {};
  }
}

function replacementBlocks(
  { inventory }: CryptoGraph,
  keys: ReadonlyMap<FoundKeyPair, KeyObject>,
  certificates: ReadonlyMap<FoundCertificate, Certificate>,
  warnings: string[],
): Map<string, PemReplacement> {
  const neverStored = new Set(
    [...inventory.certificates.values()]
      .filter(({ certificate }) => certificate.subject.friendly === NEVER_STORED)
      .map(({ keyPair }) => keyPair),
  );
  const blocks = new Map<string, PemReplacement>();
  for (const [id, { block, meaning }] of inventory.blocks) {
    if (meaning.type === 'ignored') continue;
    if (meaning.type === 'certificate') {
      const renewed = certificates.get(meaning.found);
      if (renewed !== undefined) blocks.set(id, { label: block.label, der: renewed.der });
      continue;
    }
    const key = keys.get(meaning.found);
    if (key === undefined || keyFingerprint(key) === meaning.found.fingerprint) continue;
    if (meaning.type === 'public-key') {
      blocks.set(id, publicBlock(block.label, key, meaning.format));
    } else if (neverStored.has(meaning.found)) {
      blocks.set(id, 'remove');
      for (const location of meaning.found.privateLocations)
        warnings.push(
          `admin-signer-key-stored: removed the private key of "${NEVER_STORED}" (${renderLocation(location)})`,
        );
    } else blocks.set(id, privateBlock(block.label, key, meaning.format));
  }
  return blocks;
}

/** As it was found, where the new key allows it: a key given by a rule may be of another type. */
function privateBlock(label: string, key: KeyObject, format: PrivateKeyFormat): PemReplacement {
  const fits = format === 'pkcs8' || (format === 'pkcs1') === (key.asymmetricKeyType === 'rsa');
  if (fits && (format !== 'sec1' || key.asymmetricKeyType === 'ec'))
    return { label, der: privateKeyDer(key, format) };
  return { label: 'PRIVATE KEY', der: privateKeyDer(key, 'pkcs8') };
}

function publicBlock(label: string, key: KeyObject, format: 'spki' | 'pkcs1'): PemReplacement {
  const fits = format === 'spki' || key.asymmetricKeyType === 'rsa';
  return fits
    ? { label, der: publicKeyDer(key, format) }
    : { label: 'PUBLIC KEY', der: publicKeyDer(key, 'spki') };
}
