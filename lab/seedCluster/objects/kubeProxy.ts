import { API_PORT, CLUSTER_NETWORK, type SeedIdentity } from '../identity.ts';
import type { KubeObject } from './kubeObject.ts';

/**
 * Services of the cluster network and node ports. Nothing in it belongs to one cluster: it reaches the API server as
 * localhost (recert renames only the workloads that OpenShift has) and takes the node's name from where it runs.
 */
export function kubeProxy(identity: SeedIdentity): KubeObject {
  const labels = { app: 'kube-proxy' };
  const container = {
    name: 'kube-proxy',
    image: identity.images['kube-proxy'],
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/bin/kube-proxy'],
    args: [
      '--proxy-mode=iptables',
      `--cluster-cidr=${CLUSTER_NETWORK}`,
      '--hostname-override=$(NODE_NAME)',
      // Conntrack's sizes and times are settings of the machine below a container host, not of the host.
      '--conntrack-max-per-core=0',
      '--conntrack-min=0',
      '--conntrack-tcp-timeout-established=0s',
      '--conntrack-tcp-timeout-close-wait=0s',
    ],
    env: [
      { name: 'KUBERNETES_SERVICE_HOST', value: 'localhost' },
      { name: 'KUBERNETES_SERVICE_PORT', value: String(API_PORT) },
      { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    ],
    securityContext: { privileged: true },
    volumeMounts: [
      { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
      { name: 'modules', mountPath: '/lib/modules', readOnly: true },
    ],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'kube-proxy', namespace: 'kube-system' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          hostNetwork: true,
          serviceAccountName: 'kube-proxy',
          priorityClassName: 'system-node-critical',
          terminationGracePeriodSeconds: 5,
          tolerations: [{ operator: 'Exists' }],
          containers: [container],
          volumes: [
            { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
            { name: 'modules', hostPath: { path: '/usr/lib/modules' } },
          ],
        },
      },
    },
  };
}
