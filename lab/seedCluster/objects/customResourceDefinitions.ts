import { bundle } from '../bundles.ts';
import type { SeedPki } from '../pki.ts';
import { base64, type KubeObject } from './kubeObject.ts';
import { WEBHOOK_NAMESPACE, WEBHOOK_SERVICE } from './webhooks.ts';

interface CrdPlan {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced?: true;
  /** Has a conversion webhook, hence a CA bundle. */
  readonly converted?: true;
}

const inGroup = (group: string, version: string, kinds: readonly (readonly [string, string])[]): CrdPlan[] =>
  kinds.map(([kind, plural]) => ({ group, version, kind, plural }));

const PLANS: readonly CrdPlan[] = [
  ...inGroup('config.openshift.io', 'v1', [
    ['APIServer', 'apiservers'],
    ['Authentication', 'authentications'],
    ['Build', 'builds'],
    ['ClusterOperator', 'clusteroperators'],
    ['ClusterVersion', 'clusterversions'],
    ['Console', 'consoles'],
    ['DNS', 'dnses'],
    ['FeatureGate', 'featuregates'],
    ['Image', 'images'],
    ['ImageDigestMirrorSet', 'imagedigestmirrorsets'],
    ['ImageTagMirrorSet', 'imagetagmirrorsets'],
    ['Infrastructure', 'infrastructures'],
    ['Ingress', 'ingresses'],
    ['Network', 'networks'],
    ['Node', 'nodes'],
    ['OAuth', 'oauths'],
    ['Proxy', 'proxies'],
    ['Scheduler', 'schedulers'],
  ]),
  ...inGroup('operator.openshift.io', 'v1', [
    ['Authentication', 'authentications'],
    ['DNS', 'dnses'],
    ['Etcd', 'etcds'],
    ['KubeAPIServer', 'kubeapiservers'],
    ['KubeControllerManager', 'kubecontrollermanagers'],
    ['KubeScheduler', 'kubeschedulers'],
    ['Network', 'networks'],
    ['OpenShiftAPIServer', 'openshiftapiservers'],
    ['ServiceCA', 'servicecas'],
  ]),
  ...inGroup('operator.openshift.io', 'v1alpha1', [
    ['ImageContentSourcePolicy', 'imagecontentsourcepolicies'],
  ]),
  ...inGroup('machineconfiguration.openshift.io', 'v1', [
    ['ControllerConfig', 'controllerconfigs'],
    ['KubeletConfig', 'kubeletconfigs'],
    ['MachineConfig', 'machineconfigs'],
    ['MachineConfigPool', 'machineconfigpools'],
  ]),
  ...inGroup('lca.openshift.io', 'v1', [
    ['ImageBasedUpgrade', 'imagebasedupgrades'],
    ['SeedGenerator', 'seedgenerators'],
  ]),
  {
    group: 'operator.openshift.io',
    version: 'v1',
    kind: 'IngressController',
    plural: 'ingresscontrollers',
    namespaced: true,
  },
  {
    group: 'operators.coreos.com',
    version: 'v1alpha1',
    kind: 'CatalogSource',
    plural: 'catalogsources',
    namespaced: true,
  },
  {
    group: 'operators.coreos.com',
    version: 'v1alpha1',
    kind: 'ClusterServiceVersion',
    plural: 'clusterserviceversions',
    namespaced: true,
  },
  {
    group: 'monitoring.coreos.com',
    version: 'v1',
    kind: 'Probe',
    plural: 'probes',
    namespaced: true,
    converted: true,
  },
];

/** Without the field-by-field schemas of the originals: any field is accepted and kept. */
export const customResourceDefinitions = (pki: SeedPki): KubeObject[] =>
  PLANS.map((plan) => customResourceDefinition(plan, pki));

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

function customResourceDefinition(plan: CrdPlan, pki: SeedPki): KubeObject {
  const { group, kind, plural } = plan;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: plan.namespaced ? 'Namespaced' : 'Cluster',
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [
        {
          name: plan.version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { ...ANYTHING, properties: { spec: ANYTHING, status: ANYTHING } } },
        },
      ],
      ...(plan.converted && { conversion: conversion(pki) }),
    },
  };
}

function conversion(pki: SeedPki) {
  return {
    strategy: 'Webhook',
    webhook: {
      conversionReviewVersions: ['v1'],
      clientConfig: {
        caBundle: base64(bundle(pki, 'serviceServing')),
        service: { namespace: WEBHOOK_NAMESPACE, name: WEBHOOK_SERVICE, path: '/convert', port: 443 },
      },
    },
  };
}
