import { expect, test } from 'vitest';
import { Failure } from '#base/failure.ts';
import { isSelfIssued, isSignedBy } from './certificate.ts';
import { type CertificateSpec, issueCertificate, randomSerial } from './issue.ts';
import { goName } from './names.ts';
import { OID } from './oids.ts';
import { issueLeaf } from './openshift.ts';
import { subjectKeyId } from './subjectKeyId.ts';
import { ecKey, TEST_NOW, testSigner } from './testing.ts';

const plain: CertificateSpec = {
  subject: goName({ commonName: 'plain' }),
  serial: 7n,
  notBefore: TEST_NOW,
  notAfter: TEST_NOW,
};
const oids = (certificate: { extensions: readonly { oid: string }[] }) =>
  certificate.extensions.map(({ oid }) => oid);

test("a signer has the shape of OpenShift's: no authority key identifier, key identifier by SHA-1", () => {
  const { certificate, key } = testSigner();
  expect(isSelfIssued(certificate)).toBe(true);
  expect(isSignedBy(certificate, key)).toBe(true);
  expect(certificate.extensions.map(({ oid, critical }) => [oid, critical])).toEqual([
    [OID.keyUsage, true],
    [OID.basicConstraints, true],
    [OID.subjectKeyIdentifier, false],
  ]);
  expect(certificate.basicConstraints).toEqual({ ca: true });
  expect(certificate.subjectKeyIdentifier).toEqual(subjectKeyId(certificate.spki, 'rfc5280'));
  expect(certificate.extensions[0]?.value.toString('hex')).toBe('030202a4');
});

test("a leaf has the shape of OpenShift's: valid since its signer is, extensions in the order of Go", () => {
  const issuer = testSigner();
  const now = new Date(TEST_NOW.getTime() + 60_000);
  const leaf = issueLeaf({
    subject: goName({ commonName: 'leaf', organization: ['system:masters'] }),
    key: ecKey(),
    serial: 2n,
    now,
    validitySeconds: 30,
    issuer,
    extendedKeyUsage: ['serverAuth', 'clientAuth'],
    dnsNames: ['localhost'],
    ipAddresses: ['::1'],
  });
  expect(leaf.notBefore.date).toEqual(TEST_NOW);
  expect(leaf.notAfter.date).toEqual(new Date(now.getTime() + 30_000));
  expect(leaf.authorityKeyIdentifier).toEqual({ keyIdentifier: issuer.certificate.subjectKeyIdentifier });
  expect(leaf.basicConstraints).toEqual({ ca: false });
  expect(oids(leaf)).toEqual([
    OID.keyUsage,
    OID.extendedKeyUsage,
    OID.basicConstraints,
    OID.subjectKeyIdentifier,
    OID.authorityKeyIdentifier,
    OID.subjectAltName,
  ]);
  expect(leaf.extensions[0]?.value.toString('hex')).toBe('030205a0');
});

test('absent fields make no extensions', () => {
  expect(oids(issueCertificate(plain, ecKey()))).toEqual([]);
});

test('a path length is written for authorities', () => {
  const constraints = { ca: true, pathLength: 0 };
  expect(issueCertificate({ ...plain, basicConstraints: constraints }, ecKey()).basicConstraints).toEqual(
    constraints,
  );
});

test.each([
  { ipAddresses: ['192.0.2.1/24'] },
  { ipAddresses: ['fe80::1%eth0'] },
  { ipAddresses: ['1'] },
  { dnsNames: ['bücher.example'] },
  { dnsNames: [''] },
])('a name that cannot be one is refused: %j', (names) => {
  expect(() => issueCertificate({ ...plain, ...names }, ecKey())).toThrow(Failure);
});

test('serial numbers are below 2^63 - 1', () => {
  const drawn = [Buffer.alloc(8, 0xff), Buffer.from('fffffffffffffffd', 'hex')];
  expect(randomSerial(() => drawn.shift() ?? Buffer.alloc(8))).toBe((1n << 63n) - 2n);
});
