import type { Certificate } from '#pki/certificate.ts';
import { renderSeconds } from '../../rfc3339.ts';
import { type CertificateAndKey, certificateOf, certificatePem, commonNameOf } from '../tls/certificates.ts';
import type { GivenValues } from './givenTemplate.ts';

/** The server from which machines get their configuration, and the component that renews its certificates. */
const NAMESPACE = 'openshift-machine-config-operator';
const OWNER = { 'openshift.io/owning-component': 'Machine Config Operator' };
const KIND_OF_CERTIFICATE = 'auth.openshift.io/managed-certificate-type';

/** The server's CA and certificate, as texts. */
export interface MachineConfigServerFacts {
  readonly ca: CertificateFacts;
  readonly server: CertificateFacts;
}

interface CertificateFacts {
  readonly issuer: string;
  readonly notAfter: string;
  readonly notBefore: string;
  /** Sorted. */
  readonly hostNames: readonly string[];
  /** Base64 of PEM. */
  readonly certificate: string;
  readonly key: string;
}

export const machineConfigServerFacts = (
  rootCa: CertificateAndKey,
  server: CertificateAndKey,
): MachineConfigServerFacts => ({
  ca: factsOf(rootCa, commonNameOf(rootCa)),
  server: factsOf(server, commonNameOf(rootCa)),
});

function factsOf(value: CertificateAndKey, issuer: string): CertificateFacts {
  const certificate = certificateOf(value);
  return {
    issuer,
    notAfter: renderSeconds(certificate.notAfter.date),
    notBefore: renderSeconds(certificate.notBefore.date),
    hostNames: hostNamesOf(certificate),
    certificate: value.CertRaw,
    key: value.KeyRaw,
  };
}

/** On bare metal the address is there twice, as a name and as an address. */
const hostNamesOf = ({ altNames }: Certificate): string[] =>
  [...new Set(altNames.flatMap((name) => (name.type === 'other' ? [] : [name.value])))].sort();

/** Who made a certificate and when it is valid, for the log. */
export const summaryOf = ({ issuer, notAfter, notBefore }: CertificateFacts): string =>
  `${issuer} ${notAfter} ${notBefore}`;

/** By what the server's clients tell that it is the right one. */
export const caConfigMap = (rootCa: CertificateAndKey): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'machine-config-server-ca',
    namespace: NAMESPACE,
    annotations: {
      ...OWNER,
      'openshift.io/description':
        'the CAs by which machines tell that their configuration comes from this cluster',
    },
    labels: { [KIND_OF_CERTIFICATE]: 'ca-bundle' },
  },
  data: { 'ca-bundle.crt': certificatePem(rootCa) },
});

/** With what the operator signs the server's next certificate. */
export const caSecret = ({ ca }: MachineConfigServerFacts): object =>
  tlsSecret('machine-config-server-ca', 'signer', ca, {
    'openshift.io/description': 'signs the certificate of the machine config server',
  });

/** The server's own certificate. */
export const serverSecret = ({ server }: MachineConfigServerFacts): object =>
  tlsSecret('machine-config-server-tls', 'target', server, {
    'openshift.io/description': 'certificate and key of the machine config server',
    'auth.openshift.io/certificate-hostnames': server.hostNames.join(','),
  });

const tlsSecret = (
  name: string,
  kind: 'signer' | 'target',
  { issuer, notAfter, notBefore, certificate, key }: CertificateFacts,
  annotations: Readonly<Record<string, string>>,
): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name,
    namespace: NAMESPACE,
    annotations: {
      ...OWNER,
      ...annotations,
      'auth.openshift.io/certificate-issuer': issuer,
      'auth.openshift.io/certificate-not-after': notAfter,
      'auth.openshift.io/certificate-not-before': notBefore,
    },
    labels: { [KIND_OF_CERTIFICATE]: kind },
  },
  type: 'kubernetes.io/tls',
  data: { 'tls.crt': certificate, 'tls.key': key },
});

/** The same for a template of the user. */
export const machineConfigServerValues = ({ ca, server }: MachineConfigServerFacts): GivenValues => ({
  McsHostName: server.hostNames.join(','),
  McsTLSCert: server.certificate,
  McsTLSCertNotAfter: server.notAfter,
  McsTLSCertNotBefore: server.notBefore,
  McsTLSKey: server.key,
  RootCAIssuerName: ca.issuer,
  RootCANotAfter: ca.notAfter,
  RootCANotBefore: ca.notBefore,
  RootCACertBase64: ca.certificate,
  RootCASignerKeyBase64: ca.key,
});
