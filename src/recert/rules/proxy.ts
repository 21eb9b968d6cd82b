import { type DocumentNode, itemsAt, nodeAt, replaceText } from '#formats/document.ts';
import { JsonText } from '#formats/jsonText.ts';
import { editData } from '#k8s/data.ts';
import { editResource, type Resource } from '#k8s/resource.ts';
import type { ProxySettings, Renames } from '../renames.ts';
import { proxyVariables } from './nodeSettings.ts';
import { broken, editTextDocument, type FileRule, type ObjectRule, type RuleContext } from './rule.ts';
import { containersOf } from './serviceHost.ts';

function proxyOf(renames: Renames): { spec: ProxySettings; status: ProxySettings } {
  if (renames.proxy === undefined) throw new Error('rule applied without a proxy');
  return renames.proxy;
}

const setsProxy = (renames: Renames): boolean => renames.proxy !== undefined;
const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

const members = (proxy: ProxySettings) => ({
  httpProxy: proxy.httpProxy,
  httpsProxy: proxy.httpsProxy,
  noProxy: proxy.noProxy,
});

/** What operators observed of the proxy, at a path below `/spec/observedConfig`. */
const observed = (plural: string, ...path: string[]): ObjectRule => ({
  name: `${plural}-proxy`,
  objects: [`operator.openshift.io/${plural}/cluster`],
  isWanted: setsProxy,
  edit: (operator, { renames }) =>
    editResource(operator, (root) => {
      const holder = nodeAt(root, 'spec', 'observedConfig', ...path);
      if (holder === undefined) return;
      holder.set('proxy', Object.fromEntries(proxyVariables(proxyOf(renames).status)));
    }),
});

export const PROXY_RULES: readonly ObjectRule[] = [
  {
    name: 'proxy-config',
    objects: ['config.openshift.io/proxies/*'],
    isWanted: setsProxy,
    edit: (proxy, { renames }) =>
      editResource(proxy, (root) => {
        const { spec, status } = proxyOf(renames);
        for (const [name, value] of Object.entries(members(spec))) root.get('spec')?.set(name, value);
        if (root.get('status')?.kind === 'object') {
          for (const [name, value] of Object.entries(members(status))) root.get('status')?.set(name, value);
        } else root.set('status', members(status));
      }),
  },
  observed('storages', 'targetconfig'),
  observed('openshiftapiservers', 'workloadcontroller'),
  observed('kubeapiservers', 'targetconfigcontroller'),
  observed('kubecontrollermanagers', 'targetconfigcontroller'),
  {
    name: 'controller-config-proxy',
    objects: ['machineconfiguration.openshift.io/controllerconfigs/machine-config-controller'],
    isWanted: setsProxy,
    edit: (config, { renames }) =>
      editResource(config, (root) => {
        const proxy = nodeAt(root, 'spec', 'proxy');
        if (proxy?.kind === 'object') proxy.replace(members(proxyOf(renames).status));
      }),
  },
  {
    name: 'workload-proxy-environment',
    objects: ['deployments/*', 'statefulsets/*', 'daemonsets/*', 'jobs/*', 'cronjobs/*'],
    isWanted: setsProxy,
    edit: (workload, context) =>
      editResource(workload, (root) => editPodSpec(templateOf(workload, root), context)),
  },
  {
    name: 'monitoring-proxy-environment',
    objects: ['monitoring.coreos.com/alertmanagers/*', 'monitoring.coreos.com/prometheuses/*'],
    isWanted: setsProxy,
    edit: (monitor, context) => editResource(monitor, (root) => editPodSpec(root.get('spec'), context)),
  },
  {
    name: 'revision-proxy-environment',
    objects: ['controllerrevisions/*'],
    isWanted: setsProxy,
    edit: (revision, context) =>
      editResource(revision, (root) => {
        const data = root.get('data');
        const raw = data?.get('raw');
        if (raw === undefined) {
          editPodSpec(nodeAt(data, 'spec', 'template', 'spec'), context);
          return;
        }
        const template = JsonText.parse(raw.text() ?? '{}');
        editPodSpec(nodeAt(template.root, 'spec', 'template', 'spec'), context);
        replaceText(raw, template.render().toString('utf8'));
      }),
  },
  {
    name: 'static-pod-proxy-environment',
    objects: [
      'configmaps/openshift-kube-apiserver/kube-apiserver-pod*',
      'configmaps/openshift-kube-controller-manager/kube-controller-manager-pod*',
    ],
    isWanted: setsProxy,
    edit: (configMap, context) =>
      editData(configMap, 'pod.yaml', (text) =>
        editTextDocument(text, (pod) => editPodSpec(pod.get('spec'), context)),
      ),
  },
];

export const PROXY_POD_FILES: FileRule = {
  name: 'static-pod-proxy-files',
  isWanted: setsProxy,
  matches: (path) => /pod\.yaml$/.test(path),
  edit: (text, context, path) => {
    if (/^\s*\{/.test(text)) return editTextDocument(text, (pod) => editPodSpec(pod.get('spec'), context));
    if (NAMES.some((name) => text.includes(name)))
      throw broken(`${path} sets a proxy but is not JSON, so it can't be edited`);
    return text;
  },
};

function templateOf(workload: Resource, root: DocumentNode): DocumentNode | undefined {
  // A CronJob's template lies one level deeper, which the original overlooks.
  const spec = workload.kind === 'CronJob' ? nodeAt(root, 'spec', 'jobTemplate', 'spec') : root.get('spec');
  return nodeAt(spec, 'template', 'spec');
}

function editPodSpec(podSpec: DocumentNode | undefined, { renames }: RuleContext): void {
  const wanted = new Map(proxyVariables(proxyOf(renames).status));
  for (const container of containersOf(podSpec)) {
    for (const names of [NAMES, NAMES.map((name) => name.toLowerCase())])
      editVariables(container, names, wanted);
  }
}

/**
 * Where a container has any of the variables it gets all that have a value, at the place of the first: those that
 * were not there come first, HTTPS before NO, then the others in their order (spec recert 8.7).
 */
function editVariables(
  container: DocumentNode,
  names: readonly string[],
  wanted: ReadonlyMap<string, string>,
): void {
  const nameOf = (variable: DocumentNode) => variable.get('name')?.text() ?? '';
  const variables = itemsAt(container, 'env');
  const present = variables.filter((variable) => names.includes(nameOf(variable)));
  if (present.length === 0) return;
  const valueFor = (name: string) => wanted.get(name.toUpperCase());
  const kept = present.filter((variable) => valueFor(nameOf(variable)) !== undefined);
  const added = names.filter((name) => valueFor(name) && !kept.some((variable) => nameOf(variable) === name));
  for (const variable of kept) {
    const value = valueFor(nameOf(variable))!;
    if (variable.get('value')?.text() !== value) variable.set('value', value);
  }
  if (added.length === 0 && kept.length === present.length) return;
  const fresh = added.map((name) => ({ added: { name, value: valueFor(name)! } }));
  const first = variables.indexOf(present[0]!);
  const others = variables.filter((variable) => !present.includes(variable));
  container.get('env')?.arrange([...others.slice(0, first), ...fresh, ...kept, ...others.slice(first)]);
}
