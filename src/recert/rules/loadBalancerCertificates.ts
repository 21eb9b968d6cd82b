import { annotationOf, replaceAnnotation } from '#k8s/data.ts';
import type { Resource } from '#k8s/resource.ts';
import { clusterOf, type ObjectRule, renamesCluster } from './rule.ts';

const HOSTNAMES = 'auth.openshift.io/certificate-hostnames';

/** The operator renews a certificate whose annotation names other hosts than it wants. */
const rule = (kind: 'external' | 'internal', host: string): ObjectRule => ({
  name: `${kind}-loadbalancer-hostnames`,
  objects: [`secrets/openshift-kube-apiserver/${kind}-loadbalancer-serving-certkey`],
  isUsual: true,
  isWanted: renamesCluster,
  edit: (secret: Resource, { renames, note }) => {
    if (annotationOf(secret, HOSTNAMES) === undefined)
      note(`no annotation ${HOSTNAMES}, so no operator reads it`);
    return replaceAnnotation(secret, HOSTNAMES, `${host}.${clusterOf(renames).domain}`);
  },
});

export const LOAD_BALANCER_CERTIFICATES = [rule('external', 'api'), rule('internal', 'api-int')];
