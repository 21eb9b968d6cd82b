import { X509Certificate } from 'node:crypto';
import { type BundleName, bundle } from '../bundles.ts';
import type { LeafName } from '../certificates.ts';
import type { KeyPair, SeedPki } from '../pki.ts';
import type { SignerName } from '../signers.ts';

export type Component = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

/**
 * A Secret or ConfigMap that a static pod reads. On OpenShift installer pods copy them to the node, so cluster and
 * disk hold the same. `place` says which copies there are: `certs` on disk below `<component>-certs`, `revision` below
 * `<component>-pod-<revision>` and a second object `<name>-<revision>`, `cluster` no copy at all.
 */
export interface Operand {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly component: Component;
  readonly place: 'certs' | 'revision' | 'cluster';
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  /** Of a Secret. */
  readonly type: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export const operandNamespace = (component: Component): string => `openshift-${component}`;

/** Makes the operands of one component and place. */
export function operandsOf(pki: SeedPki, component: Component, place: Operand['place']) {
  const make = (parts: Pick<Operand, 'kind' | 'name' | 'data'> & Partial<Operand>): Operand => ({
    type: 'Opaque',
    annotations: {},
    component,
    place,
    ...parts,
  });
  const configMap = (name: string, data: Operand['data']) => make({ kind: 'ConfigMap', name, data });
  return {
    configMap,
    bundle: (name: string, from: BundleName) => configMap(name, { 'ca-bundle.crt': bundle(pki, from) }),
    secret: (name: string, data: Operand['data']) => make({ kind: 'Secret', name, data }),
    leaf: (name: string, from: LeafName) =>
      make({
        kind: 'Secret',
        name,
        type: 'kubernetes.io/tls',
        data: leafFiles(pki, from),
        annotations: certificateAnnotations(pki.leaves[from].certificate),
      }),
  };
}

export const leafFiles = (pki: SeedPki, leaf: LeafName): Record<string, string> => ({
  'tls.crt': pki.leaves[leaf].certificate,
  'tls.key': pki.leaves[leaf].key,
});

/** Certificate and key of a signer whose key the cluster keeps. */
export function signerFiles(pki: SeedPki, name: SignerName): Record<string, string> {
  const { certificate, key } = pki.signers[name];
  if (key === undefined) throw new Error(`the key of ${name} is kept nowhere`);
  return { 'tls.crt': certificate, 'tls.key': key };
}

export const keyFiles = (pair: KeyPair): Record<string, string> => ({
  'service-account.key': pair.privateKey,
  'service-account.pub': pair.publicKey,
});

/** What library-go's certificate rotation notes on a Secret: issuer, validity and, for serving certificates, the names. */
export function certificateAnnotations(pem: string): Record<string, string> {
  const certificate = new X509Certificate(pem);
  const issuer = /^CN=(.*)$/m.exec(certificate.issuer)?.[1] ?? '';
  const seconds = (date: string) => new Date(date).toISOString().replace('.000Z', 'Z');
  const hosts = (certificate.subjectAltName ?? '')
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '');
  return {
    'auth.openshift.io/certificate-issuer': issuer,
    'auth.openshift.io/certificate-not-before': seconds(certificate.validFrom),
    'auth.openshift.io/certificate-not-after': seconds(certificate.validTo),
    ...(hosts.length > 0 && { 'auth.openshift.io/certificate-hostnames': hosts.sort().join(',') }),
  };
}
