import type { SeedIdentity } from './identity.ts';
import { configMap, type KubeObject, secret } from './objects/kubeObject.ts';

/** A user's application on the seed: what a clone must keep untouched. */
export interface UserWorkload {
  readonly namespace: string;
  /** Value of the user's Secret. */
  readonly secretValue: string;
  /** Value of the user's ConfigMap. */
  readonly configValue: string;
  /** Pods of the Deployment. */
  readonly replicas: number;
  /** Port of the node that the Service listens on. */
  readonly nodePort: number;
}

const NAME = 'web';
const SECRET_FOLDER = '/etc/web/secret';
const CONFIG_FOLDER = '/etc/web/config';

/** Namespace, Secret, ConfigMap, Deployment and Service, in an order in which they can be created. */
export function workloadObjects(identity: SeedIdentity, workload: UserWorkload): KubeObject[] {
  const { namespace } = workload;
  const metadata = { name: NAME, namespace };
  const labels = { app: NAME };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    secret(metadata, { value: workload.secretValue }),
    configMap(metadata, { value: workload.configValue }),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: workload.replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec(identity) },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'NodePort',
        selector: labels,
        ports: [{ port: 80, targetPort: 8080, nodePort: workload.nodePort }],
      },
    },
  ];
}

function podSpec(identity: SeedIdentity) {
  return {
    terminationGracePeriodSeconds: 2,
    containers: [
      {
        name: NAME,
        image: identity.images.web,
        imagePullPolicy: 'IfNotPresent',
        args: [SECRET_FOLDER, CONFIG_FOLDER],
        ports: [{ containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
        volumeMounts: [
          { name: 'secret', mountPath: SECRET_FOLDER, readOnly: true },
          { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'secret', secret: { secretName: NAME } },
      { name: 'config', configMap: { name: NAME } },
    ],
  };
}

/** Whether a page of the application shows the values of its Secret and its ConfigMap. */
export function showsValues(page: string, workload: UserWorkload): boolean {
  const lines = page.split('\n');
  return (
    lines.includes(`${SECRET_FOLDER}/value: ${workload.secretValue}`) &&
    lines.includes(`${CONFIG_FOLDER}/value: ${workload.configValue}`)
  );
}

export const workloadUrl = (nodeIp: string, workload: UserWorkload): string =>
  `http://${nodeIp}:${workload.nodePort}/`;
