import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import { certificatePublicKey, isSelfIssued, isSignedBy, parseCertificate } from './certificate.ts';
import { issueCertificate } from './issue.ts';
import { keyFingerprint, spkiDer } from './keys.ts';
import { goName } from './names.ts';
import { ecKey, ed25519Key, rsaKey, TEST_NOW, testSigner } from './testing.ts';

const leafKey = ecKey();
const signer = testSigner();
const leaf = issueCertificate(
  {
    subject: goName({ commonName: 'leaf' }),
    serial: 0x80n,
    notBefore: TEST_NOW,
    notAfter: new Date('2050-01-01T00:00:00Z'),
    dnsNames: ['*.example'],
    ipAddresses: ['192.0.2.1', '2001:db8::1'],
  },
  leafKey,
  signer,
);

test('a certificate is read with its raw parts', () => {
  expect(parseCertificate(leaf.der)).toMatchObject({
    serial: Buffer.from('0080', 'hex'),
    issuer: { raw: signer.certificate.subject.raw, friendly: 'CN=test-signer, OU=openshift' },
    subject: { friendly: 'CN=leaf', commonName: 'leaf' },
    notBefore: { date: TEST_NOW, type: 'UTCTime' },
    notAfter: { date: new Date('2050-01-01T00:00:00Z'), type: 'GeneralizedTime' },
    spki: spkiDer(leafKey),
    altNames: [
      { type: 'dns', value: '*.example' },
      { type: 'ip', value: '192.0.2.1' },
      { type: 'ip', value: '2001:db8::1' },
    ],
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: { keyIdentifier: signer.certificate.subjectKeyIdentifier },
    basicConstraints: undefined,
    signatureAlgorithm: '1.2.840.10045.4.3.2',
  });
  expect(keyFingerprint(certificatePublicKey(leaf))).toBe(keyFingerprint(leafKey));
});

test.each([ecKey(), ecKey('P-384'), ed25519Key(), rsaKey()])(
  'only the key of the issuer signed it (%#)',
  (key) => {
    const { certificate } = testSigner({ key });
    expect(isSelfIssued(certificate)).toBe(true);
    expect([leafKey, key, rsaKey(), ed25519Key()].filter((k) => isSignedBy(certificate, k))).toEqual([key]);
  },
);

test('equal names do not make a signer', () => {
  const other = testSigner({ commonName: 'test-signer' });
  expect(isSignedBy(leaf, signer.key)).toBe(true);
  expect(isSignedBy(leaf, other.key)).toBe(false);
  expect(isSelfIssued(leaf)).toBe(false);
});

test('damaged certificates are refused with a Failure or read, never anything else', () => {
  const damage = fc.tuple(fc.nat(leaf.der.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean());
  fc.assert(
    fc.property(damage, ([at, flip, cut]) => {
      const der = Buffer.from(leaf.der);
      der[at] = der[at]! ^ flip;
      const input = cut ? der.subarray(0, at) : der;
      try {
        expect(isSignedBy(parseCertificate(input), signer.key)).toBe(false);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        expect(error).toMatchObject({ code: 'pki/certificate-unreadable' });
      }
    }),
    { numRuns: 1000 },
  );
});
