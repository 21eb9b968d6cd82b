import { describe, expect, it } from 'vitest';
import { Failure } from '#base/failure.ts';
import { renderPemFile } from '#formats/pem.ts';
import { isSignedBy } from '#pki/certificate.ts';
import type { Issuer } from '#pki/issue.ts';
import { renderPrivateKeyFile } from '#pki/keys.ts';
import { goName } from '#pki/names.ts';
import { issueSigner } from '#pki/openshift.ts';
import { ecKey, TEST_NOW, testSigner } from '#pki/testing.ts';
import { memoryTarget } from '../testing.ts';
import { adminKubeConfigCABundle } from './bundles.ts';
import { bundlePem, certificatePem, issuerOf } from './certificates.ts';
import { adminKubeconfigClient } from './clientCertificates.ts';
import {
  adminKubeconfigSigner,
  loadBalancerSigner,
  localhostSigner,
  serviceNetworkSigner,
} from './signers.ts';

const PERMITTED = { OPENSHIFT_INSTALL_LOAD_CLUSTER_CERTS: 'true' };
const given = testSigner({ commonName: 'our own signer' });
const KEY = renderPrivateKeyFile(given.key);
const CERTIFICATE = renderPemFile('CERTIFICATE', given.certificate.der);
const EXPIRED = renderPemFile(
  'CERTIFICATE',
  olderSigner(new Date(TEST_NOW.getTime() - 10_000_000)).certificate.der,
);

/** Valid for ten million milliseconds. */
function olderSigner(now: Date): Issuer {
  const subject = goName({ commonName: 'older signer' });
  return issueSigner({ subject, key: given.key, serial: 1n, now, validitySeconds: 10_000 });
}

const filesOf = (base: string, key = KEY, certificate = CERTIFICATE) => ({
  [`tls/${base}.key`]: key,
  [`tls/${base}.crt`]: certificate,
});
const consumed = async ({ store }: ReturnType<typeof memoryTarget>) =>
  (await store.consumable()).flatMap(({ files }) => files.map(({ path }) => path));

describe('certificates of the target directory', () => {
  it.each([
    ['admin-kubeconfig-signer', adminKubeconfigSigner],
    ['admin-kubeconfig-client', adminKubeconfigClient],
    ['kube-apiserver-lb-signer', loadBalancerSigner],
    ['kube-apiserver-localhost-signer', localhostSigner],
    ['kube-apiserver-service-network-signer', serviceNetworkSigner],
  ])('%s is taken where the environment permits it, and only there', async (base, asset) => {
    const permitted = memoryTarget({ files: filesOf(base), env: PERMITTED });
    expect(certificatePem(await permitted.store.fetch(asset))).toBe(CERTIFICATE);
    expect(await consumed(permitted)).toEqual([`tls/${base}.key`, `tls/${base}.crt`]);
    const unpermitted = memoryTarget({ files: filesOf(base), env: {} });
    expect(certificatePem(await unpermitted.store.fetch(asset))).not.toBe(CERTIFICATE);
    expect(await consumed(unpermitted)).toEqual([]);
  });

  it.each(['key', 'crt'])('are generated where only .%s is there', async (extension) => {
    const name = `tls/kube-apiserver-lb-signer.${extension}`;
    const target = memoryTarget({
      files: { [name]: extension === 'key' ? KEY : CERTIFICATE },
      env: PERMITTED,
    });
    expect(certificatePem(await target.store.fetch(loadBalancerSigner))).not.toBe(CERTIFICATE);
    expect(await consumed(target)).toEqual([]);
  });

  it('sign what is generated, which is valid from the start of their own validity', async () => {
    const signer = olderSigner(new Date(TEST_NOW.getTime() - 5_000_000));
    const pem = renderPemFile('CERTIFICATE', signer.certificate.der);
    const files = filesOf('admin-kubeconfig-signer', KEY, `a note\n${pem}`);
    const { store } = memoryTarget({ files, env: PERMITTED });
    const { certificate } = issuerOf(await store.fetch(adminKubeconfigClient));
    expect(isSignedBy(certificate, given.key)).toBe(true);
    expect(certificate.issuer.commonName).toBe('older signer');
    expect(certificate.notBefore.date).toEqual(signer.certificate.notBefore.date);
    expect(bundlePem(await store.fetch(adminKubeConfigCABundle))).toBe(pem);
  });

  it('are discarded, and a warning says so, where their signer is given too', async () => {
    const target = memoryTarget({
      files: { ...filesOf('admin-kubeconfig-signer'), ...filesOf('admin-kubeconfig-client') },
      env: PERMITTED,
    });
    const client = await target.store.fetch(adminKubeconfigClient);
    expect(issuerOf(client).certificate.issuer.commonName).toBe('our own signer');
    expect(target.warnings).toEqual([
      expect.stringMatching(/^Discarding the Certificate \(admin-kubeconfig-client\) that was provided/),
    ]);
  });

  it.each([
    [
      'a certificate of another key',
      filesOf('kube-apiserver-lb-signer', renderPrivateKeyFile(ecKey())),
      'crt: is not',
    ],
    ['no key', filesOf('kube-apiserver-lb-signer', CERTIFICATE), 'key: holds no private key'],
    ['no certificate', filesOf('kube-apiserver-lb-signer', KEY, KEY), 'crt: holds no certificate'],
    [
      'an expired certificate',
      filesOf('kube-apiserver-lb-signer', KEY, EXPIRED),
      'crt: expired at 2031-05-06T07:08:09',
    ],
    [
      'a damaged certificate',
      filesOf(
        'kube-apiserver-lb-signer',
        KEY,
        renderPemFile('CERTIFICATE', given.certificate.der.subarray(0, 90)),
      ),
      'crt: ',
    ],
  ])('with %s are refused without being quoted', async (_, files, message) => {
    const failure = await memoryTarget({ files, env: PERMITTED })
      .store.fetch(loadBalancerSigner)
      .catch((e) => e);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure.code).toBe('installer/tls-file-unusable');
    expect(failure.message).toContain(`tls/kube-apiserver-lb-signer.${message}`);
    expect(failure.message).not.toContain(KEY.split('\n')[1]);
  });
});
