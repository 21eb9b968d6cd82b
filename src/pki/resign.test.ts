import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import {
  contextTag,
  encodeInteger,
  encodeOctetString,
  encodeSequence,
  encodeTlv,
  readChildren,
} from '#formats/der.ts';
import { type Certificate, isSignedBy, parseCertificate } from './certificate.ts';
import { encodeAuthorityKeyIdentifier, encodeExtension } from './extensions.ts';
import { type CertificateSpec, type Issuer, issueCertificate } from './issue.ts';
import { spkiDer } from './keys.ts';
import { encodeName, goName } from './names.ts';
import { OID } from './oids.ts';
import { expiredValidity, extendedValidity, isRenamed, reissueCertificate } from './resign.ts';
import { signCertificate } from './signature.ts';
import { rfc7093KeyId, type SubjectKeyIdMethod, subjectKeyId } from './subjectKeyId.ts';
import { ecKey, ed25519Key, rsaKey, TEST_NOW, testSigner } from './testing.ts';

const UNKNOWN = encodeExtension('1.3.6.1.4.1.99999.1', true, Buffer.from('anything'));

/** A certificate with an unknown critical extension in front of the others; its signature is not looked at. */
function withExtensions(certificate: Certificate, extensions: readonly Buffer[]): Certificate {
  const fields = readChildren(readChildren(readChildren(certificate.der)[0]!.content)[0]!.content);
  const kept = fields.filter(({ tag }) => tag !== contextTag(3, true)).map(({ raw }) => raw);
  const tbs = encodeSequence(...kept, encodeTlv(contextTag(3, true), encodeSequence(...extensions)));
  return parseCertificate(signCertificate(tbs, ecKey()));
}

function testLeaf(issuer: Issuer, spec: Partial<CertificateSpec> = {}): Certificate {
  const leaf = issueCertificate(
    {
      subject: goName({ commonName: 'node.old.example', organization: ['system:nodes'] }),
      serial: 99n,
      notBefore: TEST_NOW,
      notAfter: new Date(TEST_NOW.getTime() + 5_000),
      keyUsage: ['digitalSignature'],
      dnsNames: ['api.old.example', 'localhost'],
      ipAddresses: ['192.0.2.1', '::1'],
      subjectKeyIdentifier: 'rfc7093',
      ...spec,
    },
    ecKey(),
    issuer,
  );
  return withExtensions(leaf, [UNKNOWN, ...leaf.extensions.map(({ raw }) => raw)]);
}

const rawExtensions = (certificate: Certificate): string[] =>
  certificate.extensions.map(({ raw }) => raw.toString('hex'));

test('without changes everything but the signature is kept byte for byte', () => {
  const issuer = testSigner();
  const leaf = testLeaf(issuer);
  const { certificate, report } = reissueCertificate({ certificate: leaf, signer: issuer });
  expect(certificate.tbs).toEqual(leaf.tbs);
  expect(isSignedBy(certificate, issuer.key)).toBe(true);
  expect(report).toEqual([]);
});

test('a new key, serial, validity and names change their places only', () => {
  const old = testSigner();
  const issuer = testSigner();
  const leaf = testLeaf(old);
  const subjectKey = ecKey();
  const rules = [
    { old: 'node.old.example', new: 'node.new.example' },
    { old: 'test-signer', new: 'new-signer' },
    { old: 'api.old.example', new: 'api.new.example' },
    { old: '192.0.2.1', new: '2001:db8::1' },
  ];
  const validity = { notBefore: TEST_NOW, notAfter: new Date('2051-01-01T00:00:00Z') };
  const { certificate, report } = reissueCertificate({
    certificate: leaf,
    signer: issuer,
    subjectKey,
    serial: 1n << 62n,
    rules,
    validity,
  });
  expect(report).toEqual([]);
  expect(isSignedBy(certificate, issuer.key)).toBe(true);
  expect(certificate).toMatchObject({
    serial: Buffer.from('4000000000000000', 'hex'),
    subject: { friendly: 'CN=node.new.example, O=system:nodes' },
    issuer: { friendly: 'CN=new-signer, OU=openshift' },
    notBefore: { date: TEST_NOW },
    notAfter: { date: validity.notAfter, type: 'GeneralizedTime' },
    spki: spkiDer(subjectKey),
    subjectKeyIdentifier: rfc7093KeyId(spkiDer(subjectKey)),
    authorityKeyIdentifier: { keyIdentifier: issuer.certificate.subjectKeyIdentifier },
    altNames: [
      { type: 'dns', value: 'api.new.example' },
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '2001:db8::1' },
      { type: 'ip', value: '::1' },
    ],
  });
  expect(rawExtensions(certificate).slice(0, 2)).toEqual(rawExtensions(leaf).slice(0, 2));
  expect(certificate.extensions.map(({ oid, critical }) => [oid, critical])).toEqual(
    leaf.extensions.map(({ oid, critical }) => [oid, critical]),
  );
});

test('a chain of any rules is undone by their reverse', () => {
  const word = fc.stringMatching(/^[a-z]{1,20}\.example$/);
  fc.assert(
    fc.property(word, word, (from, to) => {
      fc.pre(from !== to && ![from, to].includes('localhost'));
      const issuer = testSigner();
      const leaf = testLeaf(issuer, { subject: goName({ commonName: from }), dnsNames: [from, 'localhost'] });
      const rename = (certificate: Certificate, rule: { old: string; new: string }) =>
        reissueCertificate({ certificate, signer: issuer, rules: [rule] }).certificate;
      const there = rename(leaf, { old: from, new: to });
      expect(there.subject.commonName).toBe(to);
      expect(rename(there, { old: to, new: from }).tbs).toEqual(leaf.tbs);
    }),
    { numRuns: 25 },
  );
});

test.each([
  ['RSA', rsaKey(), '1.2.840.113549.1.1.11', '0500'],
  ['P-256', ecKey(), '1.2.840.10045.4.3.2', undefined],
  ['P-384', ecKey('P-384'), '1.2.840.10045.4.3.3', undefined],
  ['Ed25519', ed25519Key(), '1.3.101.112', undefined],
] as const)('the signature algorithm is that of the signing key: %s', (_, key, oid, parameters) => {
  const issuer = testSigner({ key });
  const { certificate } = reissueCertificate({ certificate: testLeaf(testSigner()), signer: issuer });
  expect(certificate.signatureAlgorithm).toBe(oid);
  const [, found] = readChildren(readChildren(certificate.tbs.signature)[0]!.content);
  expect(found?.raw.toString('hex')).toBe(parameters);
  expect(isSignedBy(certificate, key)).toBe(true);
});

test.each<SubjectKeyIdMethod>(['rfc7093', 'rfc5280', 'modulus-sha1', 'modulus-sha256'])(
  'the key identifier is derived as the old one was: %s',
  (method) => {
    const [oldKey, key] = [rsaKey(), rsaKey()];
    const spec = {
      subject: [],
      serial: 1n,
      notBefore: TEST_NOW,
      notAfter: TEST_NOW,
      subjectKeyIdentifier: method,
    };
    const before = issueCertificate(spec, oldKey);
    const { certificate, report } = reissueCertificate({
      certificate: before,
      signer: { key },
      subjectKey: key,
    });
    expect(certificate.subjectKeyIdentifier).toEqual(subjectKeyId(spkiDer(key), method));
    expect(report).toEqual([]);
  },
);

test('a key identifier of unknown origin becomes that of RFC 7093, with a warning', () => {
  const unknown = encodeExtension(OID.subjectKeyIdentifier, false, encodeOctetString(Buffer.alloc(8, 1)));
  const before = withExtensions(testSigner().certificate, [unknown]);
  const key = ecKey();
  const { certificate, report } = reissueCertificate({
    certificate: before,
    signer: { key },
    subjectKey: key,
  });
  expect(certificate.subjectKeyIdentifier).toEqual(rfc7093KeyId(spkiDer(key)));
  expect(report).toMatchObject([{ severity: 'warning', path: 'CN=test-signer, OU=openshift' }]);
});

test('a self-signed certificate that names itself as authority goes on doing so', () => {
  const { certificate: signer } = testSigner();
  const own = encodeExtension(
    OID.authorityKeyIdentifier,
    false,
    encodeAuthorityKeyIdentifier(signer.subjectKeyIdentifier!),
  );
  const before = withExtensions(signer, [...signer.extensions.map(({ raw }) => raw), own]);
  const key = ecKey();
  const { certificate } = reissueCertificate({ certificate: before, signer: { key }, subjectKey: key });
  expect(certificate.authorityKeyIdentifier?.keyIdentifier).toEqual(certificate.subjectKeyIdentifier);
  expect(certificate.subjectKeyIdentifier).not.toEqual(signer.subjectKeyIdentifier);
});

test("an authority named by issuer and serial follows the issuer's new names and serial", () => {
  const directoryName = (cn: string): Buffer =>
    encodeTlv(contextTag(4, true), encodeName(goName({ commonName: cn })));
  const authority = (cn: string, serial: Buffer): Buffer =>
    encodeSequence(
      encodeTlv(contextTag(1, true), directoryName(cn)),
      encodeTlv(contextTag(2), readChildren(serial)[0]!.content),
    );
  const issuer = testSigner();
  const before = withExtensions(testLeaf(issuer), [
    encodeExtension(OID.authorityKeyIdentifier, false, authority('old-root', encodeInteger(4711n))),
  ]);
  const { certificate } = reissueCertificate({
    certificate: before,
    signer: issuer,
    rules: [{ old: 'old-root', new: 'new-root' }],
  });
  expect(certificate.extensions[0]?.value).toEqual(authority('new-root', encodeInteger(1n)));
});

test('a certificate of version 1 stays one', () => {
  const fields = readChildren(
    readChildren(readChildren(testSigner().certificate.der)[0]!.content)[0]!.content,
  );
  const tbs = encodeSequence(...fields.slice(1, -1).map(({ raw }) => raw));
  const before = parseCertificate(signCertificate(tbs, ecKey()));
  const { certificate } = reissueCertificate({ certificate: before, signer: { key: ecKey() }, serial: 5n });
  expect(certificate.tbs.version).toBeUndefined();
  expect(certificate.tbs.extensions).toBeUndefined();
});

test('a rule is asked for before it is applied', () => {
  const leaf = testLeaf(testSigner());
  const asked = [
    'test-signer',
    'node.old.example',
    'localhost',
    '0:0:0:0:0:0:0:1',
    'old.example',
    '192.0.2.2',
  ];
  const answers = asked.map((old) => isRenamed(leaf, [{ old, new: '203.0.113.5' }]));
  expect(answers).toEqual([true, true, true, true, false, false]);
});

test('validity is moved, not stretched; expired and extended again it is as long as before', () => {
  const leaf = testLeaf(testSigner());
  const now = new Date('2040-01-01T00:00:00Z');
  expect(expiredValidity(leaf, now)).toEqual({ notBefore: new Date(now.getTime() - 5_000), notAfter: now });
  const extended = { notBefore: now, notAfter: new Date(now.getTime() + 5_000) };
  expect(extendedValidity(leaf, now)).toEqual(extended);
  const forever = issueCertificate(
    { subject: [], serial: 1n, notBefore: TEST_NOW, notAfter: new Date('9999-12-31T23:59:59Z') },
    ecKey(),
  );
  expect(expiredValidity(forever, now).notBefore).toEqual(new Date('1950-01-01T00:00:00Z'));
  expect(extendedValidity(forever, now).notAfter).toEqual(new Date('9999-12-31T23:59:59Z'));
});

test('a rule that makes no name is refused', () => {
  const rules = [{ old: 'localhost', new: 'bücher' }];
  const issuer = testSigner();
  expect(() => reissueCertificate({ certificate: testLeaf(issuer), signer: issuer, rules })).toThrow(Failure);
});
