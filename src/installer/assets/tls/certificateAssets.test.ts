import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { scanPem } from '#formats/pem.ts';
import { parseCertificate } from '#pki/certificate.ts';
import { TEST_NOW } from '#pki/testing.ts';
import type { Asset } from '../../asset.ts';
import { installConfigText, memoryTarget, networkingOf } from '../testing.ts';
import { kubeAPIServerCompleteClientCABundle, kubeControlPlaneCABundle } from './bundles.ts';
import { type CertificateAndKey, certificatePem } from './certificates.ts';
import { adminKubeconfigClient, kubeControlPlaneKubeSchedulerClientCertKey } from './clientCertificates.ts';
import { ironicTLSCert } from './ironicTls.ts';
import {
  kubeAPIServerInternalLBServerCertKey,
  kubeAPIServerServiceNetworkServerCertKey,
  mcsCertKey,
} from './serverCertificates.ts';
import { aggregatorSignerCertKey, kubeControlPlaneSignerCertKey, rootCA } from './signers.ts';

const HOUR = 3_600_000;

const certificatesOf = (pem: string): X509Certificate[] =>
  scanPem(pem).blocks.map(({ der }) => new X509Certificate(der));
const bundled = ({ BundleRaw }: { BundleRaw: string }): string[] =>
  certificatesOf(Buffer.from(BundleRaw, 'base64').toString()).map(({ subject }) => subject);

async function make(asset: Asset<CertificateAndKey>, config = installConfigText()) {
  const { store } = memoryTarget({ files: { 'install-config.yaml': config } });
  return certificatesOf(certificatePem(await store.fetch(asset)));
}

const metal = (apiVIPs: readonly string[], networks: readonly string[], services: readonly string[]) =>
  installConfigText({
    networking: networkingOf({
      machineNetwork: networks.map((cidr) => ({ cidr })),
      clusterNetwork: [
        { cidr: '10.128.0.0/14', hostPrefix: 23 },
        { cidr: 'fd01::/48', hostPrefix: 64 },
      ],
      serviceNetwork: services,
    }),
    controlPlane: { name: 'master', replicas: 3 },
    platform: {
      baremetal: {
        apiVIPs,
        ingressVIPs: ['192.0.2.6', '2001:db8::6'],
        provisioningNetwork: 'Disabled',
        hosts: ['a', 'b', 'c'].map((name, i) => ({
          name,
          role: 'master',
          bmc: {
            address: `redfish+https://192.0.2.9/redfish/v1/Systems/${name}`,
            username: 'u',
            password: 'p',
          },
          bootMACAddress: `00:11:22:33:44:0${i}`,
        })),
      },
    },
  });
const DUAL_STACK = metal(
  ['192.0.2.5', '2001:db8::5'],
  ['192.0.2.0/24', '2001:db8::/64'],
  ['172.30.0.0/16', 'fd02::/112'],
);

describe('names in certificates', () => {
  it('are the cluster domain, without the dot at its end', async () => {
    const [leaf] = await make(
      kubeAPIServerInternalLBServerCertKey,
      installConfigText({ baseDomain: 'example.com.' }),
    );
    expect(leaf!.subjectAltName).toBe('DNS:api-int.lab.example.com');
  });

  it('of the machine config server are no addresses without bare metal', async () => {
    const [leaf] = await make(mcsCertKey);
    expect(leaf!.subjectAltName).toBe('DNS:api-int.lab.example.com');
  });

  it('of the machine config server are all virtual addresses of bare metal, as names and as addresses', async () => {
    const [leaf] = await make(mcsCertKey, DUAL_STACK);
    expect(parseCertificate(leaf!.raw).altNames).toEqual([
      { type: 'dns', value: 'api-int.lab.example.com' },
      { type: 'dns', value: '192.0.2.5' },
      { type: 'dns', value: '2001:db8::5' },
      { type: 'ip', value: '192.0.2.5' },
      { type: 'ip', value: '2001:db8::5' },
    ]);
  });

  it.each([
    [['172.30.0.0/16'], '172.30.0.1'],
    [['172.30.128.0/17', 'fd02::/112'], '172.30.128.1'],
  ])('of the API Service in %j end with the address %s', async (services, address) => {
    const config = metal(['192.0.2.5', '2001:db8::5'], ['192.0.2.0/24', '2001:db8::/64'], services);
    const text = services.length === 1 ? installConfigText() : config;
    const [leaf] = await make(kubeAPIServerServiceNetworkServerCertKey, text);
    const names = parseCertificate(leaf!.raw).altNames;
    expect(names).toContainEqual({ type: 'dns', value: 'kubernetes.default.svc.cluster.local' });
    expect(names.filter(({ type }) => type === 'ip')).toEqual([{ type: 'ip', value: address }]);
  });
});

describe('the validity of certificates', () => {
  const gates = (...featureGates: string[]) =>
    installConfigText({ featureSet: 'CustomNoUpgrade', featureGates });
  it.each([
    ['usually', installConfigText(), { day: 24, year: 8760 }],
    ['with the gate', gates('ShortCertRotation=true'), { day: 1, year: 2 }],
    ['with the gate shut', gates('ShortCertRotation=false'), { day: 24, year: 8760 }],
    ['in TechPreview', installConfigText({ featureSet: 'TechPreviewNoUpgrade' }), { day: 24, year: 8760 }],
  ])('%s', async (_, config, hours) => {
    const hoursOf = async (asset: Asset<CertificateAndKey>) =>
      (await make(asset, config)).map(
        ({ validFromDate, validToDate }) => (validToDate.getTime() - validFromDate.getTime()) / HOUR,
      )[0];
    expect(await hoursOf(aggregatorSignerCertKey)).toBe(hours.day);
    expect(await hoursOf(kubeControlPlaneSignerCertKey)).toBe(hours.year);
    expect(await hoursOf(kubeControlPlaneKubeSchedulerClientCertKey)).toBe(hours.year);
    expect(await hoursOf(kubeAPIServerInternalLBServerCertKey)).toBe(hours.day);
    expect(await hoursOf(rootCA)).toBe(87600);
    expect(await hoursOf(mcsCertKey)).toBe(87600);
    expect(await hoursOf(adminKubeconfigClient)).toBe(87600);
  });
});

describe('what is in the files', () => {
  it('of a server is its certificate, an empty line and the signer', async () => {
    const { store } = memoryTarget({ files: { 'install-config.yaml': installConfigText() } });
    const value = await store.fetch(kubeAPIServerInternalLBServerCertKey);
    expect(certificatesOf(certificatePem(value)).map(({ subject }) => subject)).toEqual([
      'O=kube-master\nCN=system:kube-apiserver',
      'OU=openshift\nCN=kube-apiserver-lb-signer',
    ]);
    expect(certificatePem(value)).toContain('-----END CERTIFICATE-----\n\n-----BEGIN CERTIFICATE-----');
    expect(value.FileList).toEqual([
      { Filename: 'tls/kube-apiserver-internal-lb-server.key', Data: value.KeyRaw },
      { Filename: 'tls/kube-apiserver-internal-lb-server.crt', Data: value.CertRaw },
    ]);
  });

  it('of a bundle of bundles is the first signer of each', async () => {
    const { store } = memoryTarget({ files: { 'install-config.yaml': installConfigText() } });
    expect(bundled(await store.fetch(kubeControlPlaneCABundle))).toHaveLength(4);
    expect(bundled(await store.fetch(kubeAPIServerCompleteClientCABundle))).toEqual([
      'OU=openshift\nCN=admin-kubeconfig-signer',
      'OU=openshift\nCN=kubelet-signer',
      'OU=openshift\nCN=kube-control-plane-signer',
      'OU=openshift\nCN=kube-apiserver-to-kubelet-signer',
      'OU=openshift\nCN=kubelet-bootstrap-kubeconfig-signer',
    ]);
  });

  it('of Ironic are none without bare metal', async () => {
    const { store } = memoryTarget({ files: { 'install-config.yaml': installConfigText() } });
    expect(await store.fetch(ironicTLSCert)).toEqual({ FileList: [] });
  });

  it('of Ironic on bare metal are a certificate that can sign nothing', async () => {
    const { store } = memoryTarget({ files: { 'install-config.yaml': DUAL_STACK } });
    const { FileList } = await store.fetch(ironicTLSCert);
    expect(FileList.map(({ Filename }) => Filename)).toEqual(['tls/ironic/tls.key', 'tls/ironic/tls.crt']);
    const [certificate] = certificatesOf(Buffer.from(FileList[1]!.Data, 'base64').toString());
    expect(certificate!.ca).toBe(false);
    expect(certificate!.validFromDate).toEqual(TEST_NOW);
  });
});
