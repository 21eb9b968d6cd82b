import { createPrivateKey, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { leafSpecs } from './certificates.ts';
import { makeSeedPki, type SeedPki } from './pki.ts';
import { signerSpecs } from './signers.ts';
import { CheapKeys, testIdentity } from './testing.ts';

const madeAt = new Date('2026-03-04T05:06:07Z');
const identity = testIdentity();
const names = <T extends object>(record: T) => Object.keys(record) as (keyof T)[];
let pki: SeedPki;
beforeAll(async () => {
  pki = await makeSeedPki(identity, { keys: new CheapKeys(), madeAt });
});

describe('signers', () => {
  it('verify up to a self-signed one', () => {
    const specs = signerSpecs(madeAt);
    for (const name of names(specs)) {
      const certificate = new X509Certificate(pki.signers[name].certificate);
      const issuer = new X509Certificate(pki.signers[specs[name].signedBy ?? name].certificate);
      expect(certificate.ca, name).toBe(true);
      expect(certificate.checkIssued(issuer), name).toBe(true);
      expect(certificate.verify(issuer.publicKey), name).toBe(true);
    }
  });

  it('have the subjects that recert and post-pivot look for', () => {
    const subject = (name: keyof SeedPki['signers']) =>
      new X509Certificate(pki.signers[name].certificate).subject;
    expect(subject('kube-apiserver-lb-signer')).toBe('OU=openshift\nCN=kube-apiserver-lb-signer');
    expect(subject('admin-kubeconfig-signer')).toBe('OU=openshift\nCN=admin-kubeconfig-signer');
    expect(subject('ingress-operator')).toBe(`CN=ingress-operator@${madeAt.getTime() / 1000}`);
  });

  it('come without the keys that OpenShift keeps nowhere', () => {
    const keyless = names(pki.signers).filter((name) => pki.signers[name].key === undefined);
    expect(keyless.sort()).toEqual([
      'admin-kubeconfig-signer',
      'kubelet-bootstrap-kubeconfig-signer',
      'packageserver-signer',
      'root-ca',
    ]);
  });

  it('have different keys', () => {
    const keys = names(pki.signers).map((name) =>
      new X509Certificate(pki.signers[name].certificate).publicKey.export({ type: 'spki', format: 'pem' }),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('leaves', () => {
  it('are signed by their signers and belong to their keys', () => {
    const specs = leafSpecs(identity);
    for (const name of names(specs)) {
      const { certificate: pem, key } = pki.leaves[name];
      const certificate = new X509Certificate(pem);
      const issuer = new X509Certificate(pki.signers[specs[name].signer].certificate);
      expect(certificate.verify(issuer.publicKey), name).toBe(true);
      expect(certificate.checkIssued(issuer), name).toBe(true);
      expect(certificate.checkPrivateKey(createPrivateKey(key)), name).toBe(true);
      expect(certificate.ca, name).toBe(false);
    }
  });

  it('carry the names of the cluster and of the node', () => {
    const certificate = (name: keyof SeedPki['leaves']) => new X509Certificate(pki.leaves[name].certificate);
    const domain = `${identity.clusterName}.${identity.baseDomain}`;
    expect(certificate('external-loadbalancer-serving').checkHost(`api.${domain}`)).toBe(`api.${domain}`);
    expect(certificate('external-loadbalancer-serving').checkHost(`api-int.${domain}`)).toBeUndefined();
    expect(certificate('router-default').checkHost(`web.apps.${domain}`)).toBe(`*.apps.${domain}`);
    expect(certificate('etcd-peer').checkIP(identity.nodeIp)).toBe(identity.nodeIp);
    expect(certificate('kubelet-node-serving').checkHost(identity.hostname)).toBe(identity.hostname);
    expect(certificate('kubelet-node-client').subject).toContain(`CN=system:node:${identity.hostname}`);
  });

  it('are usable for what they are there for', () => {
    const usages = (name: keyof SeedPki['leaves']) =>
      new X509Certificate(pki.leaves[name].certificate).keyUsage;
    const [server, client] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];
    expect(usages('etcd-serving')).toEqual([server, client]);
    expect(usages('etcd-client')).toEqual([client]);
    expect(usages('localhost-serving')).toEqual([server]);
  });
});
