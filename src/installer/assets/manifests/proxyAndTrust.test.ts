import { describe, expect, it } from 'vitest';
import { encodeTlv, readChildren, readWhole, TAG } from '#formats/der.ts';
import { renderPemFile } from '#formats/pem.ts';
import { goName } from '#pki/names.ts';
import { issueLeaf } from '#pki/openshift.ts';
import { ecKey, TEST_NOW, testSigner } from '#pki/testing.ts';
import { networkingOf } from '../testing.ts';
import { infrastructureManifest } from './infrastructureManifest.ts';
import { proxyManifest } from './proxyManifest.ts';
import { makeManifests } from './testing.ts';

const signer = testSigner();
const CA = renderPemFile('CERTIFICATE', signer.certificate.der);
const LEAF = renderPemFile(
  'CERTIFICATE',
  issueLeaf({
    issuer: signer,
    subject: goName({ commonName: 'server' }),
    key: ecKey(),
    serial: 0xabcn,
    now: TEST_NOW,
    validitySeconds: 3600,
    extendedKeyUsage: ['serverAuth'],
    dnsNames: ['server.test'],
  }).der,
);
/** As certificates were before they had extensions: the version is not there either. Nobody looks at the signature. */
const VERSION_1 = (() => {
  const { der, tbs } = signer.certificate;
  const [, algorithm, signature] = readChildren(readWhole(der, TAG.sequence, 'certificate').content);
  const fields = [tbs.serial, tbs.signature, tbs.issuer, tbs.validity, tbs.subject, tbs.spki];
  const body = encodeTlv(TAG.sequence, Buffer.concat(fields));
  const whole = encodeTlv(TAG.sequence, Buffer.concat([body, algorithm!.raw, signature!.raw]));
  return renderPemFile('CERTIFICATE', whole);
})();
const PROXY = { httpProxy: 'http://proxy.test:3128', httpsProxy: '', noProxy: '' };

const proxyOf = async (changes: Readonly<Record<string, unknown>>) =>
  (await makeManifests(proxyManifest, changes)).objects['cluster-proxy-01-config.yaml'] as {
    spec: Record<string, unknown>;
    status: Record<string, unknown>;
  };

describe('Proxy', () => {
  it('is there without a proxy, and says nothing', async () => {
    const { spec, status } = await proxyOf({});
    expect(spec).toEqual({ trustedCA: { name: '' } });
    expect(status).toEqual({});
  });

  it('adds to what goes past the proxy all that is inside the cluster, each once and sorted', async () => {
    const networking = networkingOf({
      clusterNetwork: [
        { cidr: '10.128.0.0/14', hostPrefix: 23 },
        { cidr: 'fd01::/48', hostPrefix: 64 },
      ],
      machineNetwork: [{ cidr: '192.0.2.0/24' }, { cidr: '2001:db8::/64' }],
      serviceNetwork: ['172.30.0.0/16', 'fd02::/112'],
    });
    const proxy = { ...PROXY, noProxy: '.corp.test,localhost,10.1.0.0/16' };
    const { spec, status } = await proxyOf({ proxy, networking });
    expect(spec).toEqual({
      httpProxy: PROXY.httpProxy,
      noProxy: '.corp.test,localhost,10.1.0.0/16',
      trustedCA: { name: '' },
    });
    expect(status).toEqual({
      httpProxy: PROXY.httpProxy,
      noProxy:
        '.cluster.local,.corp.test,.svc,10.1.0.0/16,10.128.0.0/14,127.0.0.1,172.30.0.0/16,192.0.2.0/24,2001:db8::/64,api-int.lab.example.com,fd01::/48,fd02::/112,localhost',
    });
  });

  it('leaves an asterisk alone, which means everything', async () => {
    const { spec, status } = await proxyOf({ proxy: { ...PROXY, noProxy: '*' } });
    expect([spec['noProxy'], status['noProxy']]).toEqual(['*', '*']);
  });

  it.each([
    ['Always', undefined, 'user-ca-bundle'],
    ['Proxyonly', undefined, ''],
    ['Proxyonly', PROXY, 'user-ca-bundle'],
  ])('trusts the bundle with policy %s and proxy %j: "%s"', async (policy, proxy, name) => {
    const changes = {
      additionalTrustBundle: CA,
      additionalTrustBundlePolicy: policy,
      ...(proxy && { proxy }),
    };
    expect((await proxyOf(changes)).spec['trustedCA']).toEqual({ name });
    expect((await proxyOf({ ...changes, additionalTrustBundle: '' })).spec['trustedCA']).toEqual({
      name: '',
    });
  });
});

describe('the additional trust bundle', () => {
  const madeWith = (bundle: string) =>
    makeManifests(infrastructureManifest, {
      additionalTrustBundle: bundle,
      additionalTrustBundlePolicy: 'Proxyonly',
    });

  it('is a ConfigMap whenever it is set, without the text around the certificates', async () => {
    const { objects, warnings } = await madeWith(`# our CA\n${CA}\n  # the same again\n${CA}`);
    expect(objects['user-ca-bundle-config.yaml']).toMatchObject({
      data: { 'ca-bundle.crt': CA + CA },
      metadata: {
        annotations: { 'openshift.io/owning-component': 'End User' },
        name: 'user-ca-bundle',
        namespace: 'openshift-config',
      },
    });
    expect(warnings.filter((text) => text.includes('Certificate'))).toEqual([]);
    expect(Object.keys((await madeWith('')).objects)).toEqual(['cluster-infrastructure-02-config.yml']);
  });

  it('is said to hold a certificate that signs nothing', async () => {
    const { warnings } = await madeWith(CA + LEAF);
    expect(warnings).toContain(
      'Certificate ABC from additionalTrustBundle is x509 v3 but not a certificate authority',
    );
  });

  it('is said to hold a certificate of an old version', async () => {
    const { warnings } = await madeWith(VERSION_1);
    const serial = BigInt(`0x${signer.certificate.serial.toString('hex')}`)
      .toString(16)
      .toUpperCase();
    expect(warnings).toContain(`Certificate ${serial} from additionalTrustBundle is x509 v1`);
  });
});
