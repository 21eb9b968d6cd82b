import { externalBundle } from '../bundles.ts';
import { apiIntUrl, appsDomain, SERVICE_NETWORK, type SeedIdentity } from '../identity.ts';
import {
  certSyncerKubeconfig,
  controlPlaneNodeKubeconfig,
  nodeKubeconfigs,
  webhookAuthenticatorKubeconfig,
} from '../kubeconfigs.ts';
import type { SeedPki } from '../pki.ts';
import { keyFiles, type Operand, operandsOf } from './operand.ts';

export function kubeApiserverOperands(identity: SeedIdentity, pki: SeedPki): Operand[] {
  const certs = operandsOf(pki, 'kube-apiserver', 'certs');
  const revision = operandsOf(pki, 'kube-apiserver', 'revision');
  return [
    certs.leaf('localhost-serving-cert-certkey', 'localhost-serving'),
    certs.leaf('service-network-serving-certkey', 'service-network-serving'),
    certs.leaf('external-loadbalancer-serving-certkey', 'external-loadbalancer-serving'),
    certs.leaf('internal-loadbalancer-serving-certkey', 'internal-loadbalancer-serving'),
    certs.leaf('aggregator-client', 'aggregator-client'),
    certs.leaf('kubelet-client', 'kubelet-client'),
    certs.leaf('control-plane-node-admin-client-cert-key', 'control-plane-node-admin-client'),
    certs.leaf('check-endpoints-client-cert-key', 'check-endpoints-client'),
    certs.secret('bound-service-account-signing-key', keyFiles(pki.boundServiceAccount)),
    certs.secret('node-kubeconfigs', nodeKubeconfigs(identity, pki)),
    certs.bundle('aggregator-client-ca', 'aggregator'),
    certs.bundle('client-ca', 'client'),
    certs.configMap('trusted-ca-bundle', { 'ca-bundle.crt': externalBundle(pki) }),
    certs.configMap('control-plane-node-kubeconfig', { kubeconfig: controlPlaneNodeKubeconfig() }),
    revision.leaf('etcd-client', 'etcd-client'),
    revision.leaf('localhost-recovery-serving-certkey', 'localhost-recovery-serving'),
    revision.secret('webhook-authenticator', { kubeConfig: webhookAuthenticatorKubeconfig(pki) }),
    revision.bundle('etcd-serving-ca', 'etcd'),
    revision.bundle('kube-apiserver-server-ca', 'server'),
    revision.bundle('kubelet-serving-ca', 'kubeletServing'),
    revision.configMap('sa-token-signing-certs', { 'service-account-001.pub': pki.serviceAccount.publicKey }),
    revision.configMap('bound-sa-token-signing-certs', {
      'service-account-001.pub': pki.boundServiceAccount.publicKey,
    }),
    revision.configMap('kube-apiserver-cert-syncer-kubeconfig', {
      kubeconfig: certSyncerKubeconfig('kube-apiserver-server-ca'),
    }),
    revision.configMap('oauth-metadata', { oauthMetadata: oauthMetadata(identity) }),
    revision.configMap('config', { 'config.yaml': JSON.stringify(apiserverConfig(identity)) }),
  ];
}

/** The arguments that the operator observes in the cluster; they stand in KubeAPIServer's observedConfig as well. */
export function observedApiserverArguments(identity: SeedIdentity): Record<string, string[]> {
  return {
    'etcd-servers': [`https://${identity.nodeIp}:2379`, 'https://localhost:2379'],
    'service-account-issuer': ['https://kubernetes.default.svc'],
    'service-account-jwks-uri': [`${apiIntUrl(identity)}/openid/v1/jwks`],
  };
}

function apiserverConfig(identity: SeedIdentity) {
  return {
    apiVersion: 'kubecontrolplane.config.openshift.io/v1',
    kind: 'KubeAPIServerConfig',
    apiServerArguments: observedApiserverArguments(identity),
    servicesSubnet: SERVICE_NETWORK,
  };
}

/** What the API server answers below `/.well-known/oauth-authorization-server`. */
export function oauthMetadata(identity: SeedIdentity): string {
  const issuer = `https://oauth-openshift.${appsDomain(identity)}`;
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    scopes_supported: ['user:check-access', 'user:full', 'user:info', 'user:list-projects'],
    response_types_supported: ['code', 'token'],
    grant_types_supported: ['authorization_code', 'implicit'],
    code_challenge_methods_supported: ['plain', 'S256'],
  };
  return JSON.stringify(metadata, null, 2);
}
