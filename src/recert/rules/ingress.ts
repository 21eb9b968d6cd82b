import { itemNamed, itemsAt, nodeAt, replaceText } from '#formats/document.ts';
import { editResource, identityOf } from '#k8s/resource.ts';
import { clusterOf, type ObjectRule, present, renamesCluster } from './rule.ts';

const OAUTH = 'oauth-openshift';

/** Where the cluster's applications are reached. */
export const INGRESS_RULES: readonly ObjectRule[] = [
  {
    name: 'ingress-controller-domain',
    objects: ['operator.openshift.io/ingresscontrollers/openshift-ingress-operator/default'],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (controller, { renames }) =>
      editResource(controller, (root) => {
        const domain = `apps.${clusterOf(renames).domain}`;
        root.get('status')?.set('domain', domain);
        // The operator publishes the domain of the specification again, so an explicit one follows.
        replaceText(nodeAt(root, 'spec', 'domain'), domain);
      }),
  },
  {
    name: 'ingress-domain',
    objects: ['config.openshift.io/ingresses/cluster'],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (ingress, { renames }) =>
      editResource(ingress, (root) => {
        const { domain, oldDomain } = clusterOf(renames);
        present(root.get('spec'), 'spec').set('domain', `apps.${domain}`);
        const routes = itemsAt(root, 'status', 'componentRoutes');
        const host = `${OAUTH}.apps.${domain}`;
        itemNamed(routes, 'name', OAUTH)?.set('currentHostnames', [host]);
        itemNamed(routes, 'name', OAUTH)?.set('defaultHostname', host);
        for (const route of routes) {
          for (const name of [...itemsAt(route, 'currentHostnames'), route.get('defaultHostname')])
            replaceText(name, (name?.text() ?? '').replace(`.apps.${oldDomain}`, `.apps.${domain}`));
        }
      }),
  },
  {
    name: 'router-environment',
    objects: ['deployments/openshift-ingress/router-default'],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (deployment, { renames }) =>
      editResource(deployment, (root) => {
        const { domain } = clusterOf(renames);
        const containers = itemsAt(root, 'spec', 'template', 'spec', 'containers');
        const environment = itemsAt(
          present(itemNamed(containers, 'name', 'router'), 'container router'),
          'env',
        );
        const set = (name: string, value: string) =>
          itemNamed(environment, 'name', name)?.set('value', value);
        set('ROUTER_CANONICAL_HOSTNAME', `router-default.apps.${domain}`);
        set('ROUTER_DOMAIN', `apps.${domain}`);
      }),
  },
  {
    name: 'route-hosts',
    objects: [
      'routes/openshift-ingress-canary/canary',
      'routes/openshift-monitoring/alertmanager-main',
      'routes/openshift-monitoring/prometheus-k8s',
      'routes/openshift-monitoring/prometheus-k8s-federate',
      'routes/openshift-monitoring/thanos-querier',
      `routes/openshift-authentication/${OAUTH}`,
    ],
    isUsual: true,
    isWanted: renamesCluster,
    edit: (route, { renames }) =>
      editResource(route, (root) => {
        const { name, namespace } = identityOf(route);
        const host = name === OAUTH ? name : `${name}-${namespace}`;
        present(root.get('spec'), 'spec').set('host', `${host}.apps.${clusterOf(renames).domain}`);
        root.remove('status');
      }),
  },
];
