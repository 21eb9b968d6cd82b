import { stringify } from 'yaml';
import { bundle } from './bundles.ts';
import {
  API_PORT,
  apiIntUrl,
  apiUrl,
  KUBERNETES_SERVICE_IP,
  REVISION,
  type SeedIdentity,
} from './identity.ts';
import type { Leaf, SeedPki } from './pki.ts';

interface User {
  readonly name: string;
  readonly credentials: Readonly<Record<string, string>>;
}

interface Cluster {
  readonly name: string;
  readonly server: string;
  /** CA bundle as text, or as a file of the container that reads the kubeconfig. */
  readonly ca: { readonly text: string } | { readonly file: string };
  readonly serverName?: string;
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const embedded = (leaf: Leaf) => ({
  'client-certificate-data': base64(leaf.certificate),
  'client-key-data': base64(leaf.key),
});

function kubeconfig(cluster: Cluster, user: User): string {
  const authority =
    'text' in cluster.ca
      ? { 'certificate-authority-data': base64(cluster.ca.text) }
      : { 'certificate-authority': cluster.ca.file };
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: cluster.name,
        cluster: {
          ...authority,
          server: cluster.server,
          ...(cluster.serverName !== undefined && { 'tls-server-name': cluster.serverName }),
        },
      },
    ],
    contexts: [{ name: user.name, context: { cluster: cluster.name, user: user.name } }],
    'current-context': user.name,
    users: [{ name: user.name, user: user.credentials }],
  };
  return stringify(document, { version: '1.1', lineWidth: 0 });
}

/** What `auth/kubeconfig` is for an installed cluster: the administrator's own access from outside. */
export function adminKubeconfig(identity: SeedIdentity, pki: SeedPki): string {
  const ca = { text: bundle(pki, 'serviceAccount') };
  return kubeconfig(
    { name: identity.clusterName, server: apiUrl(identity), ca },
    { name: 'admin', credentials: embedded(pki.leaves['admin-client']) },
  );
}

/** The four kubeconfigs of a control-plane node; `lca-cli` works with `lb-ext.kubeconfig`. */
export function nodeKubeconfigs(identity: SeedIdentity, pki: SeedPki): Record<string, string> {
  const ca = { text: bundle(pki, 'server') };
  const user = { name: 'system:admin', credentials: embedded(pki.leaves['node-system-admin-client']) };
  const localhost = `https://localhost:${API_PORT}`;
  return {
    'lb-ext.kubeconfig': kubeconfig({ name: 'lb-ext', server: apiUrl(identity), ca }, user),
    'lb-int.kubeconfig': kubeconfig({ name: 'lb-int', server: apiIntUrl(identity), ca }, user),
    'localhost.kubeconfig': kubeconfig({ name: 'localhost', server: localhost, ca }, user),
    'localhost-recovery.kubeconfig': kubeconfig(
      { name: 'localhost-recovery', server: localhost, ca, serverName: 'localhost-recovery' },
      user,
    ),
  };
}

/** What the controller manager or the scheduler logs in with. */
export function controlKubeconfig(identity: SeedIdentity, pki: SeedPki, name: string, leaf: Leaf): string {
  const ca = { text: bundle(pki, 'server') };
  return kubeconfig(
    { name: 'lb-int', server: apiIntUrl(identity), ca },
    { name, credentials: embedded(leaf) },
  );
}

/** /var/lib/kubelet/kubeconfig: the kubelet's own, whose certificate it renews in a file beside it. */
export function kubeletKubeconfig(identity: SeedIdentity, pki: SeedPki): string {
  const current = '/var/lib/kubelet/pki/kubelet-client-current.pem';
  return kubeconfig(
    { name: 'default-cluster', server: apiIntUrl(identity), ca: { text: bundle(pki, 'server') } },
    { name: 'default-auth', credentials: { 'client-certificate': current, 'client-key': current } },
  );
}

/** /etc/kubernetes/kubeconfig: how a kubelet without a certificate asks for one; recert knows it by its context's name. */
export function bootstrapKubeconfig(identity: SeedIdentity, pki: SeedPki): string {
  return kubeconfig(
    { name: identity.clusterName, server: apiIntUrl(identity), ca: { text: bundle(pki, 'server') } },
    { name: 'kubelet', credentials: embedded(pki.leaves['kubelet-bootstrap']) },
  );
}

/** Refers to mounted files only, at the paths where a static pod sees its resources; certificate syncers use it. */
export function certSyncerKubeconfig(bundleName: string): string {
  const folder = '/etc/kubernetes/static-pod-resources';
  return kubeconfig(
    {
      name: 'loopback',
      server: `https://localhost:${API_PORT}`,
      serverName: 'localhost-recovery',
      ca: { file: `${folder}/configmaps/${bundleName}/ca-bundle.crt` },
    },
    {
      name: 'loopback',
      credentials: { tokenFile: `${folder}/secrets/localhost-recovery-client-token/token` },
    },
  );
}

/** Of the loopback administrator, by files of the node. */
export function controlPlaneNodeKubeconfig(): string {
  const resources = '/etc/kubernetes/static-pod-resources';
  const pair = `${resources}/kube-apiserver-certs/secrets/control-plane-node-admin-client-cert-key`;
  return kubeconfig(
    {
      name: 'localhost',
      server: `https://localhost:${API_PORT}`,
      ca: {
        file: `${resources}/kube-apiserver-pod-${REVISION}/configmaps/kube-apiserver-server-ca/ca-bundle.crt`,
      },
    },
    {
      name: 'control-plane-node-admin',
      credentials: { 'client-certificate': `${pair}/tls.crt`, 'client-key': `${pair}/tls.key` },
    },
  );
}

/** The API server's own OAuth webhook, by which recert recognises the newest revision. */
export function webhookAuthenticatorKubeconfig(pki: SeedPki): string {
  return kubeconfig(
    {
      name: 'local-cluster',
      server: `https://${KUBERNETES_SERVICE_IP}/apis/oauth.openshift.io/v1/tokenreviews`,
      ca: { text: bundle(pki, 'serviceServing') },
    },
    { name: 'openshift-authenticator', credentials: embedded(pki.leaves['check-endpoints-client']) },
  );
}
