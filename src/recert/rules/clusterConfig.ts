import { type DocumentNode, nodeAt } from '#formats/document.ts';
import { editResource } from '#k8s/resource.ts';
import type { Renames } from '../renames.ts';
import { clusterOf, type ObjectRule, present, renamesCluster } from './rule.ts';

function editDns(dns: DocumentNode, renames: Renames): void {
  present(dns.get('spec'), 'spec').set('baseDomain', clusterOf(renames).domain);
}

function editInfrastructure(infrastructure: DocumentNode, renames: Renames): void {
  const { domain, infraId } = clusterOf(renames);
  const status = present(infrastructure.get('status'), 'status');
  status.set('apiServerInternalURI', `https://api-int.${domain}:6443`);
  status.set('apiServerURL', `https://api.${domain}:6443`);
  status.set('infrastructureName', infraId);
  if (status.get('etcdDiscoveryDomain')?.text()) status.set('etcdDiscoveryDomain', domain);
}

/** The objects in which the cluster says who it is. */
export const CLUSTER_CONFIG_RULES: readonly ObjectRule[] = [
  {
    name: 'dns-base-domain',
    objects: ['config.openshift.io/dnses/cluster'],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (dns, { renames }) => editResource(dns, (root) => editDns(root, renames)),
  },
  {
    name: 'infrastructure',
    objects: ['config.openshift.io/infrastructures/cluster'],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (infrastructure, { renames }) =>
      editResource(infrastructure, (root) => editInfrastructure(root, renames)),
  },
  {
    name: 'controller-config',
    objects: ['machineconfiguration.openshift.io/controllerconfigs/machine-config-controller'],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (config, { renames }) =>
      editResource(config, (root) => {
        const dns = nodeAt(root, 'spec', 'dns');
        const infrastructure = nodeAt(root, 'spec', 'infra');
        if (dns?.kind === 'object') editDns(dns, renames);
        if (infrastructure?.kind === 'object') editInfrastructure(infrastructure, renames);
      }),
  },
];
