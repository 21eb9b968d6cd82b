import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderPemFile, scanPem } from '#formats/pem.ts';
import { renderPrivateKeyFile } from '#pki/keys.ts';
import { goName } from '#pki/names.ts';
import { issueLeaf, issueSigner } from '#pki/openshift.ts';
import { Inventory } from './inventory.ts';
import { relate } from './relate.ts';
import { findDefects } from './soundness.ts';

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const now = new Date('2026-05-01T00:00:00Z');
let serial = 1n;
const signer = (commonName: string) =>
  issueSigner({
    subject: goName({ commonName }),
    key: newKey(),
    serial: serial++,
    now,
    validitySeconds: 1000,
  });
const certificate = ({ der }: { der: Buffer }) => renderPemFile('CERTIFICATE', der);

function leaf(issuer: ReturnType<typeof signer>): { crt: string; key: string } {
  const key = newKey();
  const request = {
    subject: goName({ commonName: 'leaf' }),
    key,
    serial: serial++,
    now,
    validitySeconds: 1000,
  };
  const issued = issueLeaf({ ...request, issuer, extendedKeyUsage: ['serverAuth'] });
  return { crt: certificate(issued), key: renderPrivateKeyFile(key) };
}

/** Files by path. */
function defects(files: Readonly<Record<string, string>>): string[] {
  const inventory = new Inventory(new Set());
  for (const [path, text] of Object.entries(files))
    for (const block of scanPem(text).blocks)
      inventory.addBlock(block, { holder: { type: 'file', path }, nesting: [], item: block.index });
  return findDefects(relate(inventory));
}

describe('findDefects', () => {
  const ca = signer('ca');
  const caFile = certificate(ca.certificate);

  it('is content with chains and pairs that fit, and with signers that are elsewhere', () => {
    const { crt, key } = leaf(ca);
    expect(defects({ '/ca.crt': caFile, '/tls.crt': crt, '/tls.key': key })).toEqual([]);
    expect(defects({ '/combined.pem': crt + key + caFile })).toEqual([]);
    expect(defects({ '/tls.crt': leaf(signer('elsewhere')).crt })).toEqual([]);
    expect(defects({ '/alone.key': key })).toEqual([]);
  });

  it('finds a certificate that a namesake of its signer did not sign', () => {
    const found = defects({ '/ca.crt': caFile, '/tls.crt': leaf(signer('ca')).crt });
    expect(found).toEqual([expect.stringMatching(/"CN=leaf" is not signed by .*"CN=ca".*\/tls\.crt/)]);
  });

  it("finds a key that is not its certificate's, beside it and in one file with it", () => {
    const { crt } = leaf(ca);
    const { key } = leaf(ca);
    const stranger = [expect.stringMatching(/without its certificate.*\/tls\.key/)];
    expect(defects({ '/ca.crt': caFile, '/tls.crt': crt, '/tls.key': key })).toEqual(stranger);
    expect(defects({ '/combined.pem': crt + key })).toHaveLength(1);
  });
});
