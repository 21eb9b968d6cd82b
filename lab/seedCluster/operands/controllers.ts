import { externalBundle } from '../bundles.ts';
import { CLUSTER_NETWORK, SERVICE_NETWORK, type SeedIdentity } from '../identity.ts';
import { certSyncerKubeconfig, controlKubeconfig } from '../kubeconfigs.ts';
import type { SeedPki } from '../pki.ts';
import { keyFiles, type Operand, operandsOf, signerFiles } from './operand.ts';

export function kubeControllerManagerOperands(identity: SeedIdentity, pki: SeedPki): Operand[] {
  const certs = operandsOf(pki, 'kube-controller-manager', 'certs');
  const revision = operandsOf(pki, 'kube-controller-manager', 'revision');
  const client = pki.leaves['kube-controller-manager-client'];
  return [
    certs.leaf('kube-controller-manager-client-cert-key', 'kube-controller-manager-client'),
    { ...certs.secret('csr-signer', signerFiles(pki, 'csr-signer')), type: 'kubernetes.io/tls' },
    certs.bundle('aggregator-client-ca', 'aggregator'),
    certs.bundle('client-ca', 'client'),
    certs.configMap('trusted-ca-bundle', { 'ca-bundle.crt': externalBundle(pki) }),
    revision.secret('service-account-private-key', keyFiles(pki.serviceAccount)),
    revision.leaf('serving-cert', 'kube-controller-manager-serving'),
    revision.bundle('service-ca', 'serviceServing'),
    revision.bundle('serviceaccount-ca', 'serviceAccount'),
    revision.configMap('controller-manager-kubeconfig', {
      kubeconfig: controlKubeconfig(identity, pki, 'kube-controller-manager', client),
    }),
    revision.configMap('kube-controller-cert-syncer-kubeconfig', {
      kubeconfig: certSyncerKubeconfig('serviceaccount-ca'),
    }),
    revision.configMap('config', { 'config.yaml': JSON.stringify(controllerManagerConfig(identity)) }),
  ];
}

/** The arguments that the operator observes in the cluster; they stand in KubeControllerManager's observedConfig as well. */
export function observedControllerArguments(identity: SeedIdentity): Record<string, string[]> {
  return {
    'cluster-cidr': [CLUSTER_NETWORK],
    'cluster-name': [identity.infraID],
    'service-cluster-ip-range': [SERVICE_NETWORK],
  };
}

function controllerManagerConfig(identity: SeedIdentity) {
  return {
    apiVersion: 'kubecontrolplane.config.openshift.io/v1',
    kind: 'KubeControllerManagerConfig',
    extendedArguments: observedControllerArguments(identity),
  };
}

export function kubeSchedulerOperands(identity: SeedIdentity, pki: SeedPki): Operand[] {
  const certs = operandsOf(pki, 'kube-scheduler', 'certs');
  const revision = operandsOf(pki, 'kube-scheduler', 'revision');
  return [
    certs.leaf('kube-scheduler-client-cert-key', 'kube-scheduler-client'),
    revision.leaf('serving-cert', 'kube-scheduler-serving'),
    revision.bundle('serviceaccount-ca', 'serviceAccount'),
    revision.configMap('scheduler-kubeconfig', {
      kubeconfig: controlKubeconfig(identity, pki, 'kube-scheduler', pki.leaves['kube-scheduler-client']),
    }),
    revision.configMap('kube-scheduler-cert-syncer-kubeconfig', {
      kubeconfig: certSyncerKubeconfig('serviceaccount-ca'),
    }),
  ];
}
