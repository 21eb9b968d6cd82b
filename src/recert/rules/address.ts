import { itemsAt, replaceText } from '#formats/document.ts';
import { annotationOf, dataKeys, editData, replaceAnnotation } from '#k8s/data.ts';
import { editResource } from '#k8s/resource.ts';
import type { Renames } from '../renames.ts';
import { replaceAddresses, urlHost } from './addressText.ts';
import { changesAddress, editTextDocument, type FileRule, type ObjectRule } from './rule.ts';

const CERTIFICATE_HOSTS = 'auth.openshift.io/certificate-hostnames';
const OVN_INITIATOR = 'networkoperator.openshift.io/ovn-cluster-initiator';

const readdress = (text: string, renames: Renames): string => replaceAddresses(text, renames.addresses);

/** `https://<old>:2379` and nothing else; other hosts in a list of URLs stay. */
function readdressEtcdUrl(text: string, renames: Renames): string {
  return renames.addresses.reduce(
    (at, { old, new: wanted }) =>
      at.startsWith(`https://${urlHost(old)}`) ? readdressHead(at, urlHost(old), urlHost(wanted)) : at,
    text,
  );
}

function readdressHead(url: string, old: string, wanted: string): string {
  const rest = url.slice('https://'.length + old.length);
  return rest === '' || rest.startsWith(':') || rest.startsWith('/') ? `https://${wanted}${rest}` : url;
}

const editText = (objects: string[], key: string, name: string): ObjectRule => ({
  name,
  objects,
  isUsual: true,
  isWanted: changesAddress,
  edit: (configMap, { renames }) => editData(configMap, key, (text) => readdress(text, renames)),
});

const observed = (plural: string, path: readonly string[]): ObjectRule => ({
  name: `${plural}-etcd-urls`,
  objects: [`operator.openshift.io/${plural}/cluster`],
  isUsual: true,
  isWanted: changesAddress,
  edit: (operator, { renames }) =>
    editResource(operator, (root) => {
      for (const url of itemsAt(root, 'spec', 'observedConfig', ...path))
        replaceText(url, readdressEtcdUrl(url.text() ?? '', renames));
    }),
});

const configEtcdUrls = (name: string, configMaps: string, path: readonly string[]): ObjectRule => ({
  name,
  objects: [`configmaps/${configMaps}`],
  isUsual: true,
  isWanted: changesAddress,
  edit: (configMap, { renames }) =>
    editData(configMap, 'config.yaml', (text) =>
      editTextDocument(text, (root) => {
        for (const url of itemsAt(root, ...path))
          replaceText(url, readdressEtcdUrl(url.text() ?? '', renames));
      }),
    ),
});

/** Where the cluster knows the node's address: etcd's endpoints, and certificates that name it. */
export const ADDRESS_RULES: readonly ObjectRule[] = [
  configEtcdUrls('openshift-apiserver-etcd-urls', 'openshift-apiserver/config', ['storageConfig', 'urls']),
  {
    name: 'etcd-endpoints',
    objects: ['configmaps/openshift-etcd/etcd-endpoints*'],
    isUsual: true,
    isWanted: changesAddress,
    edit: (configMap, { renames }) =>
      dataKeys(configMap).reduce(
        (at, key) => editData(at, key, (text) => readdress(text, renames)),
        configMap,
      ),
  },
  editText(
    ['configmaps/openshift-etcd/etcd-pod*', 'configmaps/openshift-etcd/restore-etcd-pod*'],
    'pod.yaml',
    'etcd-pod-address',
  ),
  editText(['configmaps/openshift-etcd/etcd-scripts*'], 'etcd.env', 'etcd-scripts-address'),
  {
    name: 'etcd-certificate-hostnames',
    objects: ['etcd-peer', 'etcd-serving'].map((kind) => `secrets/openshift-etcd/${kind}*`),
    isUsual: true,
    isWanted: changesAddress,
    edit: (secret, { renames }) => {
      const hosts = annotationOf(secret, CERTIFICATE_HOSTS);
      return hosts === undefined
        ? secret
        : replaceAnnotation(secret, CERTIFICATE_HOSTS, readdress(hosts, renames));
    },
  },
  configEtcdUrls('kube-apiserver-etcd-urls', 'openshift-kube-apiserver/config*', [
    'apiServerArguments',
    'etcd-servers',
  ]),
  observed('kubeapiservers', ['apiServerArguments', 'etcd-servers']),
  observed('authentications', ['oauthAPIServer', 'apiServerArguments', 'etcd-servers']),
  observed('openshiftapiservers', ['storageConfig', 'urls']),
  {
    name: 'ovn-cluster-initiator',
    objects: ['operator.openshift.io/networks/cluster'],
    isUsual: true,
    isWanted: changesAddress,
    edit: (network, { renames }) => {
      const change = renames.addresses.find(({ old }) => old === annotationOf(network, OVN_INITIATOR));
      return change === undefined ? network : replaceAnnotation(network, OVN_INITIATOR, change.new);
    },
  },
  {
    name: 'oauth-apiserver-etcd-servers',
    objects: ['deployments/openshift-oauth-apiserver/apiserver'],
    isUsual: true,
    isWanted: changesAddress,
    edit: (deployment, { renames }) =>
      editResource(deployment, (root) => {
        for (const container of itemsAt(root, 'spec', 'template', 'spec', 'containers')) {
          for (const arg of itemsAt(container, 'args')) {
            if (arg.text()?.includes('--etcd-servers='))
              replaceText(arg, readdress(arg.text() ?? '', renames));
          }
        }
      }),
  },
];

const ADDRESSED_FILES = [
  /\/etcd-pod\.yaml$/,
  /etcd-pod\/pod\.yaml$/,
  /\/restore-etcd-pod\/quorum-restore-pod\.yaml$/,
  /\/etcd-scripts\/etcd\.env$/,
  /\/etcd-endpoints\/[^/]+$/,
  /\/kube-apiserver-pod-[^/]*\/configmaps\/config\/config\.yaml$/,
];

export const ADDRESS_FILES: FileRule = {
  name: 'address-files',
  isWanted: changesAddress,
  matches: (path) => ADDRESSED_FILES.some((pattern) => pattern.test(path)),
  edit: (text, { renames }) => readdress(text, renames),
};
