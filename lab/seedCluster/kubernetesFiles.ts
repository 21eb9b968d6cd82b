import { type Asset, type AssetTree, directory, link, publicFile, secretFile } from './assets.ts';
import { bundle } from './bundles.ts';
import { API_PORT, apiIntName, DNS_SERVICE_IP, REVISION, type SeedIdentity } from './identity.ts';
import { bootstrapKubeconfig, kubeletKubeconfig } from './kubeconfigs.ts';
import type { Operand } from './operands/operand.ts';
import type { SeedPki } from './pki.ts';
import { STATIC_POD_RESOURCES } from './podPlans.ts';
import { staticPods } from './staticPods.ts';

const KUBELET_PKI = '/var/lib/kubelet/pki';

export interface KubernetesFilesInput {
  readonly identity: SeedIdentity;
  readonly pki: SeedPki;
  readonly operands: readonly Operand[];
  /** Part of the names of the kubelet's certificate files. */
  readonly madeAt: Date;
}

/** Everything of Kubernetes that an SNO keeps on disk: static pods, their resources, the kubelet's files. */
export function kubernetesFiles(input: KubernetesFilesInput): AssetTree {
  return new Map([
    ...staticPodFiles(input),
    ...operandFiles(input.operands),
    ...nodeFiles(input.identity, input.pki),
    ...kubeletCertificates(input),
    ['/etc/kubernetes/kubelet.conf', publicFile(JSON.stringify(kubeletConfiguration(), null, 2))],
    ['/etc/kubernetes/kubelet-plugins/volume/exec', directory(0o755)],
    // etcd refuses a data directory that others can read.
    ['/var/lib/etcd', directory(0o700)],
  ]);
}

/** Each manifest lies twice, as installer pods leave it: where the kubelet looks, and in the revision's folder. */
function staticPodFiles({ identity }: KubernetesFilesInput): [string, Asset][] {
  return Object.entries(staticPods(identity)).flatMap(([component, pod]) => {
    const text = JSON.stringify(pod);
    const folder = `${STATIC_POD_RESOURCES}/${component}-pod-${REVISION}`;
    return [
      [`/etc/kubernetes/manifests/${component}-pod.yaml`, secretFile(text)],
      [`${folder}/${component}-pod.yaml`, secretFile(text)],
      [`${folder}/configmaps/${component}-pod/pod.yaml`, publicFile(text)],
    ] satisfies [string, Asset][];
  });
}

function operandFiles(operands: readonly Operand[]): [string, Asset][] {
  return operands
    .filter(({ place }) => place !== 'cluster')
    .flatMap(({ kind, component, name, place, data }) => {
      const owner = place === 'certs' ? `${component}-certs` : `${component}-pod-${REVISION}`;
      const folder = `${STATIC_POD_RESOURCES}/${owner}/${kind === 'Secret' ? 'secrets' : 'configmaps'}/${name}`;
      const file = kind === 'Secret' ? secretFile : publicFile;
      return Object.entries(data).map(([key, text]): [string, Asset] => [`${folder}/${key}`, file(text)]);
    });
}

function nodeFiles(identity: SeedIdentity, pki: SeedPki): [string, Asset][] {
  return [
    ['/etc/kubernetes/ca.crt', publicFile(bundle(pki, 'root'))],
    ['/etc/kubernetes/kubelet-ca.crt', publicFile(bundle(pki, 'client'))],
    ['/etc/kubernetes/apiserver-url.env', publicFile(apiserverUrlEnv(identity))],
    ['/etc/kubernetes/kubeconfig', secretFile(bootstrapKubeconfig(identity, pki))],
    ['/var/lib/kubelet/kubeconfig', secretFile(kubeletKubeconfig(identity, pki))],
  ];
}

export const apiserverUrlEnv = (identity: SeedIdentity): string =>
  `KUBERNETES_SERVICE_HOST='${apiIntName(identity)}'\nKUBERNETES_SERVICE_PORT='${API_PORT}'\n`;

/** Certificate and key in one dated file with a link to the current one: the layout of the kubelet's certificate store. */
function kubeletCertificates({ pki, madeAt }: KubernetesFilesInput): [string, Asset][] {
  const date = madeAt.toISOString().slice(0, 19).replace(/[T:]/g, '-');
  const stored = { client: pki.leaves['kubelet-node-client'], server: pki.leaves['kubelet-node-serving'] };
  return Object.entries(stored).flatMap(([use, leaf]): [string, Asset][] => {
    const file = `${KUBELET_PKI}/kubelet-${use}-${date}.pem`;
    return [
      [file, secretFile(leaf.certificate + leaf.key)],
      [`${KUBELET_PKI}/kubelet-${use}-current.pem`, link(file)],
    ];
  });
}

/** Intervals are short: a lab waits for each of them, and mirror pods appear only with a sync. */
export function kubeletConfiguration() {
  const serving = `${KUBELET_PKI}/kubelet-server-current.pem`;
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    staticPodPath: '/etc/kubernetes/manifests',
    authentication: {
      x509: { clientCAFile: '/etc/kubernetes/kubelet-ca.crt' },
      anonymous: { enabled: false },
      webhook: { enabled: true, cacheTTL: '30s' },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: serving,
    tlsPrivateKeyFile: serving,
    rotateCertificates: true,
    cgroupDriver: 'cgroupfs',
    enforceNodeAllocatable: [],
    failSwapOn: false,
    // A host that is a container may not lower OOM scores.
    oomScoreAdj: 0,
    clusterDNS: [DNS_SERVICE_IP],
    clusterDomain: 'cluster.local',
    volumePluginDir: '/etc/kubernetes/kubelet-plugins/volume/exec',
    nodeStatusUpdateFrequency: '2s',
    syncFrequency: '5s',
    fileCheckFrequency: '2s',
    serializeImagePulls: false,
    maxPods: 250,
    kubeAPIQPS: 50,
    kubeAPIBurst: 100,
    // Nothing but the lab frees the lab's disks.
    evictionHard: { 'memory.available': '100Mi' },
    imageGCHighThresholdPercent: 100,
  };
}
