/**
 * What bootkube.sh has to do, as spec/installer/07.1 and spec/additions 2.1 say it. The release's version is 4.19.7, its
 * Kubernetes 1.32.5, and its images are those that bootstrapMachine.ts's stand-ins name.
 */
export const RELEASE = 'registry.test/release@sha256:22';
const RELEASE_VERSION = '4.19.7';
const KUBERNETES_VERSION = '1.32.5';
const imageOf = (name: string): string => `registry.test/${name}@sha256:33`;

/** A stage that renders: one container, whose output is copied. */
export interface RenderStage {
  readonly stage: string;
  /** Options of podman beside those of every stage, behind the volume; then image, program and flags. */
  readonly run: readonly string[];
  /** Component images that are looked up for it. */
  readonly lookups: readonly string[];
  /** What the stand-in renders, relative to /opt/openshift, ... */
  readonly renders: readonly string[];
  /** ... and where it has to be afterwards. */
  readonly copies: Readonly<Record<string, string>>;
  readonly inPlaceOnly?: true;
}

const INFRASTRUCTURE = '/assets/manifests/cluster-infrastructure-02-config.yml';
const NETWORK = '/assets/manifests/cluster-network-02-config.yml';
const payload = `--payload-version=${RELEASE_VERSION}`;
const bootkube = (path: string): string => `/opt/openshift/${path}`;

/** `stage/folder/x` for what is copied to the folder of the same name. */
const copied = (paths: readonly string[]): Record<string, string> =>
  Object.fromEntries(paths.map((path) => [path, bootkube(path.split('/').slice(1).join('/'))]));

const operatorStage = (
  name: string,
  flags: readonly string[],
  lookups: readonly string[],
  configs: Readonly<Record<string, string>>,
): RenderStage => {
  const stage = `${name}-bootstrap`;
  const operator = `cluster-${name}-operator`;
  const rendered = [`${stage}/bootstrap-manifests/${name}-pod.yaml`, `${stage}/manifests/${name}.yaml`];
  return {
    stage,
    run: [imageOf(operator), `/usr/bin/${operator}`, 'render', ...flags],
    lookups: [operator, ...lookups],
    renders: [...Object.keys(configs).map((config) => `${stage}/${config}`), ...rendered],
    copies: {
      ...Object.fromEntries(
        Object.entries(configs).map(([config, name]) => [
          `${stage}/${config}`,
          `/etc/kubernetes/bootstrap-configs/${name}`,
        ]),
      ),
      ...copied(rendered),
    },
  };
};

const apiFlags = (output: string): string[] => [
  `--asset-output-dir=/assets/${output}`,
  '--rendered-manifest-dir=/assets/manifests',
  '--cluster-profile=self-managed-high-availability',
  payload,
];

/** In the order in which they run. */
export const RENDER_STAGES: readonly RenderStage[] = [
  {
    stage: 'api-bootstrap',
    run: [imageOf('cluster-config-api'), '/usr/bin/render', ...apiFlags('api-bootstrap')],
    lookups: ['cluster-config-api'],
    renders: ['api-bootstrap/manifests/api.yaml', 'api-bootstrap/manifests/99_feature-gate.yaml'],
    copies: copied(['api-bootstrap/manifests/api.yaml', 'api-bootstrap/manifests/99_feature-gate.yaml']),
  },
  {
    stage: 'auth-api-bootstrap',
    run: [imageOf('cluster-authentication-operator'), 'render', ...apiFlags('auth-api-bootstrap/manifests')],
    lookups: ['cluster-authentication-operator'],
    renders: ['auth-api-bootstrap/manifests/auth.yaml'],
    copies: copied(['auth-api-bootstrap/manifests/auth.yaml']),
  },
  {
    stage: 'config-bootstrap',
    run: [
      imageOf('cluster-config-operator'),
      '/usr/bin/cluster-config-operator',
      'render',
      '--skip-api-rendering',
      `--cluster-infrastructure-input-file=${INFRASTRUCTURE}`,
      '--cloud-provider-config-output-file=/assets/config-bootstrap/cloud-provider-config-generated.yaml',
      '--config-output-file=/assets/config-bootstrap/config',
      '--asset-input-dir=/assets/tls',
      '--asset-output-dir=/assets/config-bootstrap',
      '--rendered-manifest-files=/assets/manifests',
      payload,
    ],
    lookups: ['cluster-config-operator'],
    renders: ['config-bootstrap/config', 'config-bootstrap/manifests/not-copied.yaml'],
    copies: {},
  },
  {
    stage: 'cvo-bootstrap',
    run: [
      RELEASE,
      'render',
      '--output-dir=/assets/cvo-bootstrap',
      `--release-image=${RELEASE}`,
      '--feature-gate-manifest-path=/assets/manifests/99_feature-gate.yaml',
    ],
    lookups: [],
    renders: ['cvo-bootstrap/bootstrap/cvo-pod.yaml', 'cvo-bootstrap/manifests/cvo.yaml'],
    copies: {
      'cvo-bootstrap/bootstrap/cvo-pod.yaml': bootkube('bootstrap-manifests/cvo-pod.yaml'),
      'cvo-bootstrap/manifests/cvo.yaml': bootkube('manifests/cvo.yaml'),
      'auth/kubeconfig-loopback': '/etc/kubernetes/kubeconfig',
    },
  },
  {
    stage: 'etcd-bootstrap',
    run: [
      imageOf('cluster-etcd-operator'),
      '/usr/bin/cluster-etcd-operator',
      'render',
      '--asset-output-dir=/assets/etcd-bootstrap',
      '--cluster-configmap-file=/assets/manifests/cluster-config.yaml',
      `--etcd-image=${imageOf('etcd')}`,
      `--infra-config-file=${INFRASTRUCTURE}`,
      `--network-config-file=${NETWORK}`,
    ],
    lookups: ['cluster-etcd-operator', 'etcd'],
    renders: [
      'etcd-bootstrap/etc-kubernetes/manifests/etcd-member-pod.yaml',
      'etcd-bootstrap/etc-kubernetes/static-pod-resources/etcd-member/ca.crt',
      'etcd-bootstrap/manifests/etcd.yaml',
      'etcd-bootstrap/tls/etcd-client.crt',
    ],
    copies: {
      'etcd-bootstrap/etc-kubernetes/static-pod-resources/etcd-member/ca.crt':
        '/etc/kubernetes/static-pod-resources/etcd-member/ca.crt',
      ...copied(['etcd-bootstrap/manifests/etcd.yaml', 'etcd-bootstrap/tls/etcd-client.crt']),
    },
  },
  operatorStage(
    'kube-apiserver',
    [
      '--manifest-etcd-serving-ca=etcd-ca-bundle.crt',
      '--manifest-etcd-server-urls=https://localhost:2379',
      `--manifest-image=${imageOf('hyperkube')}`,
      `--manifest-operator-image=${imageOf('cluster-kube-apiserver-operator')}`,
      '--asset-input-dir=/assets/tls',
      '--asset-output-dir=/assets/kube-apiserver-bootstrap',
      '--config-output-file=/assets/kube-apiserver-bootstrap/config',
      `--cluster-config-file=${NETWORK}`,
      '--cluster-auth-file=/assets/manifests/cluster-authentication-02-config.yaml',
      `--infra-config-file=${INFRASTRUCTURE}`,
      '--rendered-manifest-files=/assets/manifests',
      payload,
      `--operand-kubernetes-version=${KUBERNETES_VERSION}`,
    ],
    ['hyperkube'],
    { config: 'kube-apiserver-config.yaml' },
  ),
  operatorStage(
    'kube-controller-manager',
    [
      `--cluster-policy-controller-image=${imageOf('cluster-policy-controller')}`,
      `--manifest-image=${imageOf('hyperkube')}`,
      '--asset-input-dir=/assets/tls',
      '--asset-output-dir=/assets/kube-controller-manager-bootstrap',
      '--config-output-file=/assets/kube-controller-manager-bootstrap/config',
      '--cpc-config-output-file=/assets/kube-controller-manager-bootstrap/cpc-config',
      `--cluster-config-file=${NETWORK}`,
      '--rendered-manifest-files=/assets/manifests',
      payload,
    ],
    ['cluster-policy-controller', 'hyperkube'],
    { config: 'kube-controller-manager-config.yaml', 'cpc-config': 'cluster-policy-controller-config.yaml' },
  ),
  operatorStage(
    'kube-scheduler',
    [
      `--manifest-image=${imageOf('hyperkube')}`,
      '--asset-input-dir=/assets/tls',
      '--asset-output-dir=/assets/kube-scheduler-bootstrap',
      '--config-output-file=/assets/kube-scheduler-bootstrap/config',
    ],
    ['hyperkube'],
    { config: 'kube-scheduler-config.yaml' },
  ),
  {
    stage: 'ingress-operator-bootstrap',
    run: [
      imageOf('cluster-ingress-operator'),
      'render',
      '--prefix=cluster-ingress-',
      '--output-dir=/assets/ingress-operator-manifests',
    ],
    lookups: ['cluster-ingress-operator'],
    renders: ['ingress-operator-manifests/cluster-ingress-a.yaml'],
    copies: {
      'ingress-operator-manifests/cluster-ingress-a.yaml': bootkube('manifests/cluster-ingress-a.yaml'),
    },
  },
  {
    stage: 'node-tuning-bootstrap',
    run: [
      imageOf('cluster-node-tuning-operator'),
      'render',
      '--asset-input-dir=/assets/manifests',
      '--asset-output-dir=/assets/node-tuning-bootstrap',
    ],
    lookups: ['cluster-node-tuning-operator'],
    renders: ['node-tuning-bootstrap/tuned.yaml'],
    copies: { 'node-tuning-bootstrap/tuned.yaml': bootkube('manifests/tuned.yaml') },
  },
  {
    stage: 'cmdbootline-nto-bootstrap',
    run: [
      ...['--volume', '/etc/kubernetes:/etc/kubernetes:O'],
      imageOf('cluster-node-tuning-operator'),
      'render-bootcmd-mc',
      '--asset-input-dir=/assets/manifests',
      '--asset-output-dir=/assets/cmdbootline-nto-bootstrap',
    ],
    lookups: ['cluster-node-tuning-operator'],
    renders: ['cmdbootline-nto-bootstrap/kernel-arguments.yaml'],
    copies: {
      'cmdbootline-nto-bootstrap/kernel-arguments.yaml': bootkube('manifests/kernel-arguments.yaml'),
    },
    inPlaceOnly: true,
  },
  {
    stage: 'mco-bootstrap',
    run: [
      ...['--user', '0'],
      imageOf('machine-config-operator'),
      'bootstrap',
      '--root-ca=/assets/tls/root-ca.crt',
      '--kube-ca=/assets/tls/kube-apiserver-complete-client-ca-bundle.crt',
      '--config-file=/assets/manifests/cluster-config.yaml',
      '--dest-dir=/assets/mco-bootstrap',
      '--pull-secret=/assets/manifests/openshift-config-secret-pull-secret.yaml',
      `--release-image=${RELEASE}`,
      '--image-references=assets/image-references',
      payload,
    ],
    lookups: ['machine-config-operator'],
    renders: [
      'mco-bootstrap/bootstrap/manifests/pool.yaml',
      'mco-bootstrap/bootstrap/machineconfigoperator-bootstrap-pod.yaml',
      'mco-bootstrap/manifests/mco.yaml',
      'mco-bootstrap/baremetal/manifests/keepalived.yaml',
      'mco-bootstrap/baremetal/static-pod-resources/keepalived/conf',
    ],
    copies: {
      'mco-bootstrap/bootstrap/manifests/pool.yaml': '/etc/mcc/bootstrap/pool.yaml',
      'openshift/99_machine.yaml': '/etc/mcc/bootstrap/99_machine.yaml',
      'cvo-bootstrap/manifests/cvo.yaml': '/etc/mcc/bootstrap/cvo.yaml',
      'auth/kubeconfig-kubelet': '/etc/mcs/kubeconfig',
      'mco-bootstrap/manifests/mco.yaml': bootkube('manifests/mco.yaml'),
      'mco-bootstrap/baremetal/manifests/keepalived.yaml': '/etc/kubernetes/manifests/keepalived.yaml',
      'mco-bootstrap/baremetal/static-pod-resources/keepalived/conf':
        '/etc/kubernetes/static-pod-resources/keepalived/conf',
      'tls/machine-config-server.crt': '/etc/ssl/mcs/tls.crt',
      'tls/machine-config-server.key': '/etc/ssl/mcs/tls.key',
    },
  },
  {
    stage: 'cco-bootstrap',
    run: [
      ...['--user', '0'],
      imageOf('cloud-credential-operator'),
      'render',
      '--dest-dir=/assets/cco-bootstrap',
      '--manifests-dir=/assets/manifests',
      `--cloud-credential-operator-image=${imageOf('cloud-credential-operator')}`,
    ],
    lookups: ['cloud-credential-operator'],
    renders: ['cco-bootstrap/manifests/cco.yaml', 'cco-bootstrap/bootstrap-manifests/cco-pod.yaml'],
    copies: copied(['cco-bootstrap/manifests/cco.yaml', 'cco-bootstrap/bootstrap-manifests/cco-pod.yaml']),
  },
];

const CONTAINER = ['podman', 'run', '--quiet', '--net=host', '--rm'];
const VOLUME = ['--volume', '/opt/openshift:/assets:z'];

export const RESOLVE_CALLS = [
  ['getent', 'ahosts', 'api.one.site.test'],
  ['getent', 'ahosts', 'api-int.one.site.test'],
];

const ETCD_HEALTH = [
  ...CONTAINER,
  ...[
    '--env',
    'ETCDCTL_API=3',
    '--volume',
    '/opt/openshift/tls:/opt/openshift/tls:ro,z',
    '--entrypoint',
    'etcdctl',
  ],
  imageOf('etcd'),
  '--dial-timeout=10m',
  '--cacert=/opt/openshift/tls/etcd-ca-bundle.crt',
  '--cert=/opt/openshift/tls/etcd-client.crt',
  '--key=/opt/openshift/tls/etcd-client.key',
  '--endpoints=https://localhost:2379',
  'endpoint',
  'health',
];

const REQUIRED_PODS = [
  'openshift-kube-apiserver/kube-apiserver',
  'openshift-kube-scheduler/openshift-kube-scheduler',
  'openshift-kube-controller-manager/kube-controller-manager',
  'openshift-cluster-version/cluster-version-operator',
].join(',');

const clusterBootstrap = (pods: string): string[] => [
  ...[
    ...CONTAINER,
    ...VOLUME,
    '--volume',
    '/etc/kubernetes:/etc/kubernetes:z',
    imageOf('cluster-bootstrap'),
    'start',
  ],
  ...['--tear-down-early=false', '--asset-dir=/assets', `--required-pods=${pods}`],
];

const CVO_OVERRIDES = [
  ...['oc', 'patch', 'clusterversion', 'version', '--type=merge'],
  '--patch-file=/opt/openshift/original_cvo_overrides.patch',
];

const WAIT_FOR_CEO = [
  ...[...CONTAINER, ...VOLUME, imageOf('cluster-etcd-operator'), '/usr/bin/cluster-etcd-operator'],
  ...['wait-for-ceo', '--kubeconfig', '/assets/auth/kubeconfig'],
];

const MASTER_IGNITION = [
  ...[...CONTAINER, '--privileged', ...VOLUME, '--volume', '/usr/local/bin:/assets/bin'],
  ...['--volume', '/var/lib/etcd:/assets/etcd-data', '--volume', '/etc/kubernetes:/assets/kubernetes'],
  ...[imageOf('cluster-bootstrap'), 'bootstrap-in-place', '--asset-dir', '/assets'],
  ...['--input', '/assets/bootstrap-in-place/master-update.fcc', '--output', '/assets/master.ign'],
];

/** A stage with the calls that it makes, look-ups of images left out. */
export interface Stage {
  readonly stage: string;
  readonly calls: readonly (readonly string[])[];
  /** Asked again by every run: it leaves no mark. */
  readonly isRepeated?: true;
}

const IMAGE_REFERENCES = [
  ...['podman', 'run', '--quiet', '--rm', '--net=none', '--entrypoint=cat', RELEASE],
  '/release-manifests/image-references',
];

const renderCalls = ({ stage, run }: RenderStage): Stage => ({
  stage,
  calls: [...(stage === 'mco-bootstrap' ? [IMAGE_REFERENCES] : []), [...CONTAINER, ...VOLUME, ...run]],
});

const once = (stage: string, ...calls: readonly string[][]): Stage => ({ stage, calls });
const repeated = (stage: string, ...calls: readonly string[][]): Stage => ({
  stage,
  calls,
  isRepeated: true,
});

const checkCall = (name: string): string[] => [
  ...['curl', '--head', '--silent', '--show-error', '--output', '/dev/null', '--max-time', '30'],
  ...['--cacert', '/opt/openshift/tls/kube-apiserver-complete-server-ca-bundle.crt'],
  `https://${name}.one.site.test:6443/version`,
];

export type Topology = 'highly available' | 'in place';

/** All stages of a topology, in order. */
export function stagesOf(topology: Topology): Stage[] {
  const isInPlace = topology === 'in place';
  const renders = RENDER_STAGES.filter(({ inPlaceOnly }) => isInPlace || inPlaceOnly !== true).map(
    renderCalls,
  );
  return [
    once('openshift-manifests'),
    ...renders.slice(0, -1),
    repeated('resolve-api-url', RESOLVE_CALLS[0]!),
    repeated('resolve-api-int-url', RESOLVE_CALLS[1]!),
    renders.at(-1)!,
    repeated('wait-for-etcd', ETCD_HEALTH),
    once('cb-bootstrap', clusterBootstrap(isInPlace ? '' : REQUIRED_PODS)),
    ...(isInPlace
      ? [
          once('stop-etcd', ['crictl', 'ps', '--quiet', '--name', 'etcd']),
          once(
            'master-ignition',
            [
              ...['curl', '--fail', '--silent', '--show-error', '--retry', '10', '--retry-delay', '5'],
              ...[
                '--retry-connrefused',
                '--header',
                'Accept: application/vnd.coreos.ignition+json;version=3.2.0',
              ],
              ...['--output', 'original-master.ign', 'http://localhost:22624/config/master'],
            ],
            ['installer-gather.sh', '--id', 'bootstrap'],
            MASTER_IGNITION,
          ),
        ]
      : [once('cvo-overrides', CVO_OVERRIDES), repeated('wait-for-ceo', WAIT_FOR_CEO)]),
    repeated('check-api-url', checkCall('api')),
    repeated('check-api-int-url', checkCall('api-int')),
  ];
}

/** The two questions about the release that every run asks first. */
export const VERSION_CALLS = [
  ['oc', 'adm', 'release', 'info', '--output=jsonpath={.metadata.version}', RELEASE],
  ['oc', 'adm', 'release', 'info', '--output=jsonpath={.displayVersions.kubernetes.Version}', RELEASE],
];
