import { dataOf, editData, setData } from '#k8s/data.ts';
import { broken, clusterOf, type ObjectRule, renamesCluster } from './rule.ts';

/** Where other components find monitoring. */
export const MONITORING: ObjectRule = {
  name: 'monitoring-shared-config',
  objects: ['configmaps/openshift-config-managed/monitoring-shared-config'],
  isUsual: true,
  isWanted: renamesCluster,
  edit: (configMap, { renames }) => {
    const url = (route: string) => `https://${route}-openshift-monitoring.apps.${clusterOf(renames).domain}`;
    for (const key of ['alertmanagerTenancyHost', 'alertmanagerUserWorkloadHost'])
      if (dataOf(configMap, key) === undefined) throw broken(`data ${key} is missing`);
    let edited = editData(configMap, 'alertmanagerPublicURL', () => url('alertmanager-main'));
    edited = setData(edited, 'prometheusPublicURL', url('prometheus-k8s'));
    edited = setData(edited, 'thanosPublicURL', url('thanos-querier'));
    edited = setData(edited, 'alertmanagerTenancyHost', 'alertmanager-main.openshift-monitoring.svc:9092');
    return setData(edited, 'alertmanagerUserWorkloadHost', 'alertmanager-main.openshift-monitoring.svc:9094');
  },
};
