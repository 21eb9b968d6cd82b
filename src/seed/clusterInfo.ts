import { X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import { renderSeedClusterInfo, type SeedClusterInfo, type SeedTrustBundle } from '#api/seedClusterInfo.ts';
import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import type { KubernetesApi, KubernetesObject, ObjectKind } from '#system/kubernetesApi.ts';
import { systemd } from '#system/systemd.ts';
import { recertImageOf, SEED_PATHS, type SeedContext } from './context.ts';

interface InstallConfigFacts {
  readonly baseDomain?: string;
  readonly metadata?: { readonly name?: string };
  readonly networking?: {
    readonly machineNetwork?: readonly { readonly cidr: string }[];
    readonly clusterNetwork?: readonly { readonly cidr: string }[];
    readonly serviceNetwork?: readonly string[];
  };
}

const CONFIG = 'config.openshift.io/v1';

/** Reads what a clone will need to know of this cluster (lifecycle-agent 6.2); the networks too, which the original forgets (D1). */
export async function gatherClusterInfo(context: SeedContext, api: KubernetesApi): Promise<SeedClusterInfo> {
  const version = await api.get({ apiVersion: CONFIG, kind: 'ClusterVersion' }, { name: 'version' });
  const desired = (version?.['status'] as { desired?: { version?: string; image?: string } } | undefined)
    ?.desired;
  if (desired?.version === undefined)
    throw incomplete('ClusterVersion "version" has no status.desired.version');
  const installConfig = await readInstallConfig(api);
  const node = await findNode(api);
  const status = node['status'] as { addresses?: { type: string; address: string }[] } | undefined;
  const addresses = status?.addresses ?? [];
  const addressesOf = (type: string) => addresses.filter((a) => a.type === type).map((a) => a.address);
  const networking = installConfig.networking ?? {};
  return {
    seed_cluster_ocp_version: desired.version,
    base_domain: installConfig.baseDomain ?? '',
    cluster_name: installConfig.metadata?.name ?? '',
    node_ips: addressesOf('InternalIP'),
    release_registry: await releaseRegistry(api, desired.image ?? ''),
    mirror_registry_configured: await hasMirrors(api),
    sno_hostname: addressesOf('Hostname')[0] ?? '',
    recert_image_pull_spec: recertImageOf(context),
    has_proxy: await hasProxy(api),
    has_fips: await hasFips(api, node),
    cluster_network_cidr: (networking.clusterNetwork ?? []).map((network) => network.cidr),
    service_network_cidr: networking.serviceNetwork ?? [],
    additionalTrustBundle: await trustBundle(api),
    container_storage_mountpoint_target: await containerStorageSource(context.host),
    ingress_certificate_cn: await ingressCertificateName(api),
    machine_networks: (networking.machineNetwork ?? []).map((network) => network.cidr),
  };
}

/** Writes it where the image and the clone's first boot look for it. */
export async function writeClusterInfo({ host }: SeedContext, info: SeedClusterInfo): Promise<void> {
  const text = renderSeedClusterInfo(info);
  await host.files.makeDirectory(SEED_PATHS.seedData);
  for (const path of [SEED_PATHS.clusterInfo, `${SEED_PATHS.backup}/manifest.json`]) {
    await host.files.write(path, text, { mode: 0o600 });
  }
}

/** `undefined` also where the kind is not served. */
async function getIfServed(api: KubernetesApi, kind: ObjectKind, name: string, namespace?: string) {
  if ((await api.findResource(kind)) === undefined) return undefined;
  return api.get(kind, { name, ...(namespace !== undefined && { namespace }) });
}

const dataOf = (object: KubernetesObject | undefined): Readonly<Record<string, string>> =>
  (object?.['data'] as Record<string, string> | undefined) ?? {};

async function readInstallConfig(api: KubernetesApi): Promise<InstallConfigFacts> {
  const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
  const text = dataOf(await api.get(kind, { namespace: 'kube-system', name: 'cluster-config-v1' }))[
    'install-config'
  ];
  if (text === undefined) throw incomplete('ConfigMap kube-system/cluster-config-v1 has no install-config');
  return parse(text) as InstallConfigFacts;
}

async function findNode(api: KubernetesApi): Promise<KubernetesObject> {
  const nodes = await api.list({ apiVersion: 'v1', kind: 'Node' });
  if (nodes.length === 1) return nodes[0]!;
  throw incomplete(`it has ${nodes.length} nodes instead of one`);
}

async function releaseRegistry(api: KubernetesApi, desiredImage: string): Promise<string> {
  const kind = { apiVersion: 'apps/v1', kind: 'Deployment' };
  const name = 'cluster-version-operator';
  const deployment = await api.get(kind, { namespace: 'openshift-cluster-version', name });
  const spec = deployment?.['spec'] as
    | { template?: { spec?: { containers?: { image?: string }[] } } }
    | undefined;
  return (spec?.template?.spec?.containers?.[0]?.image ?? desiredImage).split('/')[0]!;
}

async function hasMirrors(api: KubernetesApi): Promise<boolean> {
  const kinds = [
    {
      apiVersion: 'operator.openshift.io/v1alpha1',
      kind: 'ImageContentSourcePolicy',
      field: 'repositoryDigestMirrors',
    },
    { apiVersion: CONFIG, kind: 'ImageDigestMirrorSet', field: 'imageDigestMirrors' },
  ];
  for (const { field, ...kind } of kinds) {
    if ((await api.findResource(kind)) === undefined) continue;
    const sources = (await api.list(kind)).flatMap(
      (object) => (object['spec'] as Record<string, { source?: string }[]> | undefined)?.[field] ?? [],
    );
    if (sources.some((entry) => (entry.source ?? '') !== '')) return true;
  }
  return false;
}

async function readProxySpec(api: KubernetesApi) {
  const proxy = await getIfServed(api, { apiVersion: CONFIG, kind: 'Proxy' }, 'cluster');
  return (proxy?.['spec'] ?? {}) as {
    httpProxy?: string;
    httpsProxy?: string;
    noProxy?: string;
    trustedCA?: { name?: string };
  };
}

async function hasProxy(api: KubernetesApi): Promise<boolean> {
  const { httpProxy, httpsProxy, noProxy } = await readProxySpec(api);
  return [httpProxy, httpsProxy, noProxy].some((value) => (value ?? '') !== '');
}

async function hasFips(api: KubernetesApi, node: KubernetesObject): Promise<boolean> {
  const current = node.metadata.annotations?.['machineconfiguration.openshift.io/currentConfig'];
  if (current === undefined) return false;
  const kind = { apiVersion: 'machineconfiguration.openshift.io/v1', kind: 'MachineConfig' };
  const config = await getIfServed(api, kind, current);
  return (config?.['spec'] as { fips?: boolean } | undefined)?.fips === true;
}

async function trustBundle(api: KubernetesApi): Promise<SeedTrustBundle | null> {
  const bundle = async (name: string): Promise<string> => {
    const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
    return dataOf(await api.get(kind, { namespace: 'openshift-config', name }))['ca-bundle.crt'] ?? '';
  };
  const hasUserCaBundle = (await bundle('user-ca-bundle')) !== '';
  const name = (await readProxySpec(api)).trustedCA?.name ?? '';
  if (name !== '' && (await bundle(name)) === '')
    throw incomplete(`the proxy's trusted CA ConfigMap "${name}" is empty`);
  return hasUserCaBundle || name !== '' ? { hasUserCaBundle, proxyConfigmapName: name } : null;
}

/** As the unit's file has it: systemd itself answers with the mounted device, which is none of the target's names. */
async function containerStorageSource(host: Host): Promise<string> {
  const unit = 'var-lib-containers.mount';
  const path = await systemd(host).property(unit, 'FragmentPath');
  const text = path === '' ? '' : ((await host.files.readIfExists(path))?.toString('utf8') ?? '');
  return /^What=(.+)$/m.exec(text)?.[1]?.trim() ?? systemd(host).property(unit, 'What');
}

async function ingressCertificateName(api: KubernetesApi): Promise<string> {
  const kind = { apiVersion: 'v1', kind: 'Secret' };
  const secret = await api.get(kind, { namespace: 'openshift-ingress-operator', name: 'router-ca' });
  const encoded = dataOf(secret)['tls.crt'];
  if (encoded === undefined) return '';
  const { subject } = new X509Certificate(Buffer.from(encoded, 'base64'));
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? '';
}

const incomplete = (why: string): Failure =>
  new Failure({
    code: 'seed/cluster-info-incomplete',
    message: `this cluster can't be described for its clones: ${why}`,
    hint: 'a seed must be a single-node cluster with the objects of an OpenShift installation; nothing was changed',
  });
