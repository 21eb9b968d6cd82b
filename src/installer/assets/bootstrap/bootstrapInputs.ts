import {
  masterIgnitionCustomizations,
  workerIgnitionCustomizations,
} from '../ignition/ignitionCustomizations.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { adminInternalClient } from '../kubeconfig/adminInternalClient.ts';
import { kubeletClient } from '../kubeconfig/kubeletClient.ts';
import { loopbackClient } from '../kubeconfig/loopbackClient.ts';
import { arbiterMachines } from '../machines/arbiterMachines.ts';
import { masterMachines } from '../machines/masterMachines.ts';
import { workerMachines } from '../machines/workerMachines.ts';
import { commonManifests } from '../manifests/commonManifests.ts';
import { cvoIgnore } from '../manifests/cvoIgnore.ts';
import { openshiftManifests } from '../manifests/openshiftManifests.ts';
import { proxyManifest } from '../manifests/proxyManifest.ts';
import { releaseImage } from '../release/releaseImage.ts';
import { rhcosImage } from '../release/rhcosImages.ts';
import {
  adminKubeConfigCABundle,
  aggregatorCABundle,
  cloudProviderCABundle,
  kubeAPIServerCompleteCABundle,
  kubeAPIServerCompleteClientCABundle,
  kubeAPIServerToKubeletCABundle,
  kubeControlPlaneCABundle,
  kubeletBootstrapCABundle,
  kubeletClientCABundle,
  kubeletServingCABundle,
  loadBalancerBundle,
  localhostBundle,
  serviceNetworkBundle,
} from '../tls/bundles.ts';
import {
  aggregatorClientCertKey,
  apiServerProxyCertKey,
  kubeAPIServerToKubeletClientCertKey,
  kubeControlPlaneKubeControllerManagerClientCertKey,
  kubeControlPlaneKubeSchedulerClientCertKey,
  kubeletClientCertKey,
} from '../tls/clientCertificates.ts';
import { ironicTLSCert } from '../tls/ironicTls.ts';
import { bootstrapSSHKeyPair, boundSASigningKey, serviceAccountKeyPair } from '../tls/keyPairs.ts';
import {
  journalCertKey,
  kubeAPIServerExternalLBServerCertKey,
  kubeAPIServerInternalLBServerCertKey,
  kubeAPIServerLocalhostServerCertKey,
  kubeAPIServerServiceNetworkServerCertKey,
  mcsCertKey,
} from '../tls/serverCertificates.ts';
import {
  aggregatorCA,
  aggregatorSignerCertKey,
  kubeAPIServerToKubeletSignerCertKey,
  kubeControlPlaneSignerCertKey,
  kubeletCSRSignerCertKey,
  loadBalancerSigner,
  localhostSigner,
  rootCA,
  serviceNetworkSigner,
} from '../tls/signers.ts';
import { ironicCredentials } from './ironicCredentials.ts';

/** What the bootstrap machine is made of, in upstream's order: it decides which broken input is told first. */
export const BOOTSTRAP_INPUTS = {
  ironicCredentials,
  cvoIgnore,
  installConfig,
  clusterId,
  adminInternalClient,
  kubeletClient,
  loopbackClient,
  masterIgnitionCustomizations,
  workerIgnitionCustomizations,
  masterMachines,
  arbiterMachines,
  workerMachines,
  commonManifests,
  openshiftManifests,
  proxyManifest,
  adminKubeConfigCABundle,
  aggregatorCA,
  aggregatorCABundle,
  aggregatorClientCertKey,
  aggregatorSignerCertKey,
  apiServerProxyCertKey,
  bootstrapSSHKeyPair,
  boundSASigningKey,
  cloudProviderCABundle,
  journalCertKey,
  loadBalancerBundle,
  kubeAPIServerExternalLBServerCertKey,
  kubeAPIServerInternalLBServerCertKey,
  loadBalancerSigner,
  localhostBundle,
  kubeAPIServerLocalhostServerCertKey,
  localhostSigner,
  serviceNetworkBundle,
  kubeAPIServerServiceNetworkServerCertKey,
  serviceNetworkSigner,
  kubeAPIServerCompleteCABundle,
  kubeAPIServerCompleteClientCABundle,
  kubeAPIServerToKubeletCABundle,
  kubeAPIServerToKubeletClientCertKey,
  kubeAPIServerToKubeletSignerCertKey,
  kubeControlPlaneCABundle,
  kubeControlPlaneKubeControllerManagerClientCertKey,
  kubeControlPlaneKubeSchedulerClientCertKey,
  kubeControlPlaneSignerCertKey,
  kubeletBootstrapCABundle,
  kubeletClientCABundle,
  kubeletClientCertKey,
  kubeletCSRSignerCertKey,
  kubeletServingCABundle,
  mcsCertKey,
  rootCA,
  serviceAccountKeyPair,
  ironicTLSCert,
  releaseImage,
  rhcosImage,
};
