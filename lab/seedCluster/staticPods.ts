import { REVISION, type SeedIdentity } from './identity.ts';
import type { KubeObject } from './objects/kubeObject.ts';
import { type Component, operandNamespace } from './operands/operand.ts';
import { apiserverPlan, controllerManagerPlan, etcdPlan, type PodPlan, schedulerPlan } from './podPlans.ts';

/** The four static pods of the control plane, ready for `/etc/kubernetes/manifests`. */
export function staticPods(identity: SeedIdentity): Readonly<Record<Component, KubeObject>> {
  return {
    etcd: pod(identity, etcdPlan(identity)),
    'kube-apiserver': pod(identity, apiserverPlan()),
    'kube-controller-manager': pod(identity, controllerManagerPlan(identity)),
    'kube-scheduler': pod(identity, schedulerPlan()),
  };
}

function pod(identity: SeedIdentity, plan: PodPlan): KubeObject {
  const { component, probe } = plan;
  const check = (path: string) => ({
    httpGet: { host: '127.0.0.1', port: probe.port, path, scheme: probe.scheme },
    timeoutSeconds: 10,
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: component,
      namespace: operandNamespace(component),
      labels: {
        app: component === 'kube-apiserver' ? 'openshift-kube-apiserver' : component,
        revision: `${REVISION}`,
      },
      annotations: { 'kubectl.kubernetes.io/default-logs-container': component },
    },
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists' }],
      terminationGracePeriodSeconds: 15,
      containers: [
        {
          name: component,
          image: identity.images[component],
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePolicy: 'FallbackToLogsOnError',
          command: [plan.program],
          args: plan.args,
          env: plan.env ?? [],
          resources: { requests: { cpu: '10m', memory: '50Mi' } },
          readinessProbe: { ...check(probe.ready), initialDelaySeconds: 2, periodSeconds: 2 },
          livenessProbe: {
            ...check(probe.live),
            initialDelaySeconds: 60,
            periodSeconds: 15,
            // A quarter of an hour: an emulated host on a busy machine starts an API server in minutes.
            failureThreshold: 60,
          },
          volumeMounts: plan.mounts.map(({ name, inside }) => ({ name, mountPath: inside })),
        },
      ],
      volumes: plan.mounts.map(({ name, host }) => ({ name, hostPath: { path: host } })),
    },
  };
}
