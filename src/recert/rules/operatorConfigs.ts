import { type DocumentNode, itemsAt, nodeAt, replaceText } from '#formats/document.ts';
import { editData } from '#k8s/data.ts';
import { editResource } from '#k8s/resource.ts';
import type { Renames } from '../renames.ts';
import {
  clusterOf,
  editTextDocument,
  type FileRule,
  type ObjectRule,
  present,
  type RuleContext,
  renamesCluster,
} from './rule.ts';

/** The same setting where an operator observes it, where its operand reads it, and on the node's disk. */
interface Setting {
  readonly name: string;
  /** Operator object that has the setting below `/spec/observedConfig`. */
  readonly operator: string;
  /** Config maps with a `config.yaml` that has it at the top; `*` at the end for all revisions. */
  readonly configMaps: string;
  readonly file?: RegExp;
  edit(config: DocumentNode, renames: Renames): void;
}

const JWKS = /^https:\/\/(api-int|api)\..+:6443\/openid\/v1\/jwks$/;

const SETTINGS: readonly Setting[] = [
  {
    name: 'openshift-apiserver-subdomain',
    operator: 'openshiftapiservers',
    configMaps: 'openshift-apiserver/config',
    edit: (config, renames) => {
      const routing = present(config.get('routingConfig'), '/routingConfig');
      replaceText(present(routing.get('subdomain'), 'subdomain'), `apps.${clusterOf(renames).domain}`);
    },
  },
  {
    name: 'service-account-jwks-uri',
    operator: 'kubeapiservers',
    configMaps: 'openshift-kube-apiserver/config*',
    file: /\/kube-apiserver-pod[^/]*\/configmaps\/config\/config\.yaml$/,
    edit: (config, renames) => {
      for (const uri of itemsAt(config, 'apiServerArguments', 'service-account-jwks-uri')) {
        const host = JWKS.exec(uri.text() ?? '')?.[1];
        if (host !== undefined)
          replaceText(uri, `https://${host}.${clusterOf(renames).domain}:6443/openid/v1/jwks`);
      }
    },
  },
  {
    name: 'controller-manager-cluster-name',
    operator: 'kubecontrollermanagers',
    configMaps: 'openshift-kube-controller-manager/config*',
    file: /\/kube-controller-manager-pod[^/]*\/configmaps\/config\/config\.yaml$/,
    edit: (config, renames) => {
      const names = itemsAt(config, 'extendedArguments', 'cluster-name');
      replaceText(names[0], clusterOf(renames).infraId);
    },
  },
];

const editOperator =
  (setting: Setting): ObjectRule['edit'] =>
  (resource, { renames }: RuleContext) =>
    editResource(resource, (root) => {
      const observed = nodeAt(root, 'spec', 'observedConfig');
      // A managed cluster has it; an operator that never observed anything has nothing to rename.
      if (observed !== undefined) setting.edit(observed, renames);
    });

export const OPERATOR_CONFIGS: readonly ObjectRule[] = SETTINGS.flatMap((setting) => [
  {
    name: `${setting.name}-observed`,
    objects: [`operator.openshift.io/${setting.operator}/cluster`],
    isUsual: true,
    isWanted: renamesCluster,
    edit: editOperator(setting),
  },
  {
    name: setting.name,
    objects: [`configmaps/${setting.configMaps}`],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (configMap, { renames }) =>
      editData(configMap, 'config.yaml', (text) =>
        editTextDocument(text, (config) => setting.edit(config, renames)),
      ),
  },
]);

export const OPERATOR_CONFIG_FILES: readonly FileRule[] = SETTINGS.flatMap((setting) =>
  setting.file === undefined
    ? []
    : [
        {
          name: `${setting.name}-file`,
          isWanted: renamesCluster,
          matches: (path: string) => setting.file!.test(path),
          edit: (text: string, { renames }: RuleContext) =>
            editTextDocument(text, (config) => setting.edit(config, renames)),
        },
      ],
);
