import { editData, setData } from '#k8s/data.ts';
import { clusterOf, type ObjectRule, renamesCluster } from './rule.ts';

/** Where other components find monitoring. */
export const MONITORING: ObjectRule = {
  name: 'monitoring-shared-config',
  objects: ['configmaps/openshift-config-managed/monitoring-shared-config'],
  isUsual: true,
  isWanted: renamesCluster,
  edit: (configMap, { renames }) => {
    const url = (route: string) => `https://${route}-openshift-monitoring.apps.${clusterOf(renames).domain}`;
    let edited = editData(configMap, 'alertmanagerPublicURL', () => url('alertmanager-main'));
    edited = setData(edited, 'prometheusPublicURL', url('prometheus-k8s'));
    edited = setData(edited, 'thanosPublicURL', url('thanos-querier'));
    const service = 'alertmanager-main.openshift-monitoring.svc';
    edited = editData(edited, 'alertmanagerTenancyHost', () => `${service}:9092`);
    return editData(edited, 'alertmanagerUserWorkloadHost', () => `${service}:9094`);
  },
};
