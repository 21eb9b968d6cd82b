import { addressAt } from '#api/addresses.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import { clusterLeaf, permanentLeaf } from './certificateAssets.ts';
import { loadBalancerSigner, localhostSigner, rootCA, serviceNetworkSigner } from './signers.ts';

/** The certificates with which the parts of a new cluster answer (spec/installer/04.3). */

/** Of the API server: it has one certificate for every way on which it is reached. */
const API_SERVER = {
  subject: { commonName: 'system:kube-apiserver', organization: ['kube-master'] },
  extendedKeyUsage: ['serverAuth'],
  lifetime: 'day',
  isSignerAppended: true,
} as const;

export const kubeAPIServerLocalhostServerCertKey = clusterLeaf({
  ...API_SERVER,
  base: 'kube-apiserver-localhost-server',
  stateKey: '*tls.KubeAPIServerLocalhostServerCertKey',
  signer: localhostSigner,
  namesIn: () => ({ dnsNames: ['localhost'], ipAddresses: ['127.0.0.1', '::1'] }),
});

export const kubeAPIServerServiceNetworkServerCertKey = clusterLeaf({
  ...API_SERVER,
  base: 'kube-apiserver-service-network-server',
  stateKey: '*tls.KubeAPIServerServiceNetworkServerCertKey',
  signer: serviceNetworkSigner,
  namesIn: ({ networking }) => ({
    dnsNames: ['kubernetes', 'openshift'].flatMap((service) => [
      service,
      `${service}.default`,
      `${service}.default.svc`,
      `${service}.default.svc.cluster.local`,
    ]),
    // The API server's Service always has the network's first address.
    ipAddresses: networking!.serviceNetwork.slice(0, 1).map((network) => addressAt(network, 1)),
  }),
});

export const kubeAPIServerExternalLBServerCertKey = clusterLeaf({
  ...API_SERVER,
  base: 'kube-apiserver-lb-server',
  name: 'Certificate (kube-apiserver-external-lb-server)',
  stateKey: '*tls.KubeAPIServerExternalLBServerCertKey',
  signer: loadBalancerSigner,
  namesIn: (config) => ({ dnsNames: [`api.${clusterDomainOf(config)}`] }),
});

export const kubeAPIServerInternalLBServerCertKey = clusterLeaf({
  ...API_SERVER,
  base: 'kube-apiserver-internal-lb-server',
  stateKey: '*tls.KubeAPIServerInternalLBServerCertKey',
  signer: loadBalancerSigner,
  namesIn: (config) => ({ dnsNames: [`api-int.${clusterDomainOf(config)}`] }),
});

export const mcsCertKey = clusterLeaf({
  base: 'machine-config-server',
  name: 'Certificate (mcs)',
  stateKey: '*tls.MCSCertKey',
  signer: rootCA,
  subject: { commonName: 'system:machine-config-server' },
  extendedKeyUsage: ['serverAuth'],
  withoutKeyUsage: true,
  lifetime: 'ten years',
  namesIn(config) {
    // A bare metal machine asks by address, and its Ignition looks for the address among the DNS names too.
    const addresses = config.platform.baremetal?.apiVIPs ?? [];
    return { dnsNames: [`api-int.${clusterDomainOf(config)}`, ...addresses], ipAddresses: addresses };
  },
});

/** Hands out the bootstrap machine's journal, and fetches with the same certificate. */
export const journalCertKey = permanentLeaf({
  base: 'journal-gatewayd',
  stateKey: '*tls.JournalCertKey',
  signer: rootCA,
  subject: { commonName: 'journal-gatewayd', organization: ['OpenShift Bootstrap'] },
  extendedKeyUsage: ['serverAuth', 'clientAuth'],
});
