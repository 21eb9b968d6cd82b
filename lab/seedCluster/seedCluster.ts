import { randomBytes } from 'node:crypto';
import bcrypt from 'bcryptjs';
import { Secret } from '#base/secret.ts';
import type { KeySource } from '#pki/keySource.ts';
import { type AssetTree, mergeTrees } from './assets.ts';
import { hostFiles } from './hostFiles.ts';
import type { SeedIdentity } from './identity.ts';
import { adminKubeconfig } from './kubeconfigs.ts';
import { kubernetesFiles } from './kubernetesFiles.ts';
import { machineConfigFiles, machineConfigs, nodeAnnotations } from './machineConfigs.ts';
import { accounts } from './objects/accounts.ts';
import { configResources } from './objects/configResources.ts';
import { customResourceDefinitions } from './objects/customResourceDefinitions.ts';
import type { KubeObject } from './objects/kubeObject.ts';
import { kubeProxy } from './objects/kubeProxy.ts';
import { machineConfigResources } from './objects/machineConfigResources.ts';
import { namespaces } from './objects/namespaces.ts';
import { operandObjects } from './objects/operandObjects.ts';
import { operatorResources } from './objects/operatorResources.ts';
import { platformConfigMaps } from './objects/platformConfigMaps.ts';
import { platformSecrets } from './objects/platformSecrets.ts';
import { platformWorkloads } from './objects/platformWorkloads.ts';
import { webhooks } from './objects/webhooks.ts';
import { kubeControllerManagerOperands, kubeSchedulerOperands } from './operands/controllers.ts';
import { etcdOperands } from './operands/etcd.ts';
import { kubeApiserverOperands } from './operands/kubeApiserver.ts';
import { makeSeedPki, type SeedPki } from './pki.ts';
import { type UserWorkload, workloadObjects } from './workload.ts';

/** A seed cluster before it runs: what lies on its disk and what is created once its API server answers. */
export interface SeedCluster {
  readonly identity: SeedIdentity;
  readonly workload: UserWorkload;
  readonly assets: AssetTree;
  readonly objects: SeedObjects;
  readonly node: NodeMarks;
  readonly access: SeedAccess;
}

/** Objects by when they can be created; the lists of one step don't depend on each other. */
export interface SeedObjects {
  /** Those of the static pods come first: the kubelet waits for them with its mirror pods. */
  readonly namespaces: readonly KubeObject[];
  readonly definitions: readonly KubeObject[];
  /** What gets pods started, in an order that matters. Needs the namespaces. */
  readonly first: readonly KubeObject[];
  /** Need the namespaces. */
  readonly namespaced: readonly KubeObject[];
  /** Need the namespaces and the definitions. */
  readonly custom: readonly KubeObject[];
  /** Last, as they slow down every client's discovery. */
  readonly webhooks: readonly KubeObject[];
}

/** What the cluster's operators put on the Node. */
export interface NodeMarks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** How the lab's user gets in. */
interface SeedAccess {
  readonly kubeconfig: Secret<string>;
  readonly kubeadminPassword: Secret<string>;
}

export interface SeedClusterInput {
  readonly identity: SeedIdentity;
  readonly workload: UserWorkload;
  readonly keys: KeySource;
  readonly madeAt: Date;
}

/** Makes everything of a new seed cluster in memory; about 50 RSA keys are the cost. */
export async function makeSeedCluster(input: SeedClusterInput): Promise<SeedCluster> {
  const { identity, workload, madeAt } = input;
  const pki = await makeSeedPki(identity, input);
  const password = newPassword();
  const kubeadminHash = await bcrypt.hash(password, 10);
  const configs = machineConfigs(identity, pki);
  const operands = [
    ...etcdOperands(identity, pki),
    ...kubeApiserverOperands(identity, pki),
    ...kubeControllerManagerOperands(identity, pki),
    ...kubeSchedulerOperands(identity, pki),
  ];
  const objects: SeedObjects = {
    namespaces: namespaces(),
    definitions: customResourceDefinitions(pki),
    first: [...accounts(), kubeProxy(identity), ...workloadObjects(identity, workload)],
    namespaced: [
      ...operandObjects(operands),
      ...platformWorkloads(identity),
      ...platformSecrets({ identity, pki, kubeadminHash }),
      ...platformConfigMaps(identity, pki),
    ],
    custom: [
      ...configResources(identity),
      ...operatorResources(identity),
      ...machineConfigResources(identity, pki, configs),
    ],
    webhooks: webhooks(pki),
  };
  return {
    identity,
    workload,
    assets: mergeTrees(
      hostFiles(identity),
      machineConfigFiles(configs),
      kubernetesFiles({ identity, pki, operands, madeAt }),
    ),
    objects,
    node: nodeMarks(configs.rendered.metadata.name),
    access: access(identity, pki, password),
  };
}

function nodeMarks(renderedConfig: string): NodeMarks {
  const roles = ['control-plane', 'master', 'worker'];
  return {
    labels: Object.fromEntries(roles.map((role) => [`node-role.kubernetes.io/${role}`, ''])),
    annotations: nodeAnnotations(renderedConfig),
  };
}

function access(identity: SeedIdentity, pki: SeedPki, password: string): SeedAccess {
  return {
    kubeconfig: new Secret(adminKubeconfig(identity, pki)),
    kubeadminPassword: new Secret(password),
  };
}

/** Four groups of five characters, as the installer's. */
function newPassword(): string {
  const characters = randomBytes(32)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, 'x')
    .slice(0, 20);
  return characters.match(/.{5}/g)?.join('-') ?? characters;
}
