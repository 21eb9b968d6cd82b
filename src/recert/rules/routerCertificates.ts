import { dataKeys } from '#k8s/data.ts';
import { renameManagedField } from '#k8s/managedFields.ts';
import { editResource } from '#k8s/resource.ts';
import { clusterOf, type ObjectRule, renamesCluster } from './rule.ts';

/** The router's certificate is kept under the name of the domain that it is for. */
export const ROUTER_CERTIFICATES: ObjectRule = {
  name: 'router-certificates',
  objects: [
    'secrets/openshift-authentication/v4-0-config-system-router-certs',
    'secrets/openshift-config-managed/router-certs',
  ],
  isUsual: true,
  isWanted: renamesCluster,
  edit: (secret, { renames }) => {
    const wanted = `apps.${clusterOf(renames).domain}`;
    const keys = dataKeys(secret).filter((key) => key.startsWith('apps.') && key !== wanted);
    return keys.reduce((at, key) => {
      const renamed = editResource(at, (root) => root.get('data')?.rename(key, wanted));
      return renameManagedField(renamed, 'f:data', `f:${key}`, `f:${wanted}`);
    }, secret);
  },
};
