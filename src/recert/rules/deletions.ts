import { always, changesAddress, type DeletionRule, renamesCluster, renamesHost } from './rule.ts';

const etcdNames = (renames: Parameters<DeletionRule['isWanted']>[0]): boolean =>
  renamesCluster(renames) || renamesHost(renames);

/** Objects that speak of the old node or cluster and that their controllers make anew (spec recert 8.0, 8.3, 8.5). */
export const STALE_OBJECTS: readonly DeletionRule[] = [
  { name: 'delete-leases', isWanted: always, prefixes: ['leases/'] },
  {
    name: 'delete-node-kubeconfigs',
    isWanted: always,
    prefixes: ['secrets/openshift-kube-apiserver/node-kubeconfigs'],
  },
  {
    // A request holds the old public key and its answer the old certificate; nobody reads them after the fact.
    name: 'delete-certificate-signing-requests',
    isWanted: (renames) => renames.renewsCrypto || renamesCluster(renames),
    prefixes: ['certificatesigningrequests/'],
  },
  {
    name: 'delete-node-objects',
    isWanted: etcdNames,
    prefixes: ['minions/', 'csinodes/', 'pods/', 'events/', 'services/endpoints/', 'endpointslices/'],
  },
  {
    name: 'delete-cluster-state',
    isWanted: renamesCluster,
    prefixes: [
      'tuned.openshift.io/profiles',
      'ptp.openshift.io/nodeptpdevices/',
      'sriovnetwork.openshift.io/sriovnetworknodestates/',
      'configmaps/openshift-ptp/ptp-configmap',
      'replicasets/',
      'daemonsets/openshift-ovn-kubernetes/ovnkube-node',
      'controlplane.operator.openshift.io/podnetworkconnectivitychecks/',
      'configmaps/openshift-kube-controller-manager/cluster-policy-controller-lock',
      'apiserver.openshift.io/apirequestcounts/',
    ],
  },
  {
    name: 'delete-controller-revisions',
    isWanted: renamesCluster,
    prefixes: ['controllerrevisions/'],
    containing: [
      'openshift-machine-config-operator/machine-config-server-',
      'openshift-monitoring/alertmanager-main-',
      'openshift-monitoring/prometheus-k8s-',
      'openshift-multus/multus-additional-cni-plugins-',
      'openshift-multus/multus-',
      'openshift-ovn-kubernetes/ovnkube-node-',
    ],
  },
  {
    name: 'delete-addressed-objects',
    isWanted: changesAddress,
    prefixes: ['pods/', 'minions/', 'services/endpoints/', 'endpointslices/'],
  },
  {
    name: 'delete-certificate-requests',
    isWanted: (renames) => renames.nameRules.length > 0,
    prefixes: ['cert-manager.io/certificaterequests/'],
  },
];
