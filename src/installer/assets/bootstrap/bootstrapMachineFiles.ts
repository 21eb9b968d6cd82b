import { ignitionFile } from '#api/ignition.ts';
import type { GenerateContext, StateFileEntry, ValuesOf } from '../../asset.ts';
import { bootstrapFiles, bootstrapInPlaceFiles, type MachineFile } from '../../bootstrap/bootstrapData.ts';
import type { BootstrapFacts } from '../../bootstrap/bootstrapFacts.ts';
import { isPathOfKind } from '../machines/machineFiles.ts';
import type { BOOTSTRAP_INPUTS } from './bootstrapInputs.ts';

export type BootstrapValues = ValuesOf<typeof BOOTSTRAP_INPUTS>;

/** Where the installer's files lie on the bootstrap machine. */
const ROOT = '/opt/openshift';
const READABLE = 0o644;
const SECRET = 0o600;

/** A file of the bootstrap machine; content in base64 or as text. */
interface Placed {
  readonly path: string;
  readonly mode: number;
  readonly content: string | Uint8Array;
  readonly append?: true;
}

/**
 * Everything that lies on the bootstrap machine, in the order of spec/installer/06.3. A path that comes a second time
 * replaces the first where that stood: so the CVO's overrides do, which keep the operators quiet while it bootstraps.
 */
export function bootstrapMachineFiles(
  values: BootstrapValues,
  facts: BootstrapFacts,
  { data }: Pick<GenerateContext, 'data'>,
): object[] {
  const placed: readonly Placed[] = [
    ...bootstrapFiles(facts, data),
    ...manifestFiles(values),
    ...kubeconfigFiles(values),
    ...tlsFiles(values),
    ...bootstrapInPlaceFiles(facts, data),
  ];
  const byPath = new Map<string, Placed>(); // A Map keeps the place of a key whose value is replaced.
  for (const file of placed) byPath.set(file.path, file);
  return [...byPath.values()].map(ignitionFileOf);
}

function ignitionFileOf({ path, mode, content, append }: MachineFile | Placed): object {
  const { contents, ...file } = ignitionFile(path, mode, content);
  if (append === undefined) return { ...file, contents };
  return { ...file, overwrite: false, append: [{ source: contents.source }] };
}

/** The CVO's overrides come last. */
const manifestFiles = (values: BootstrapValues): Placed[] =>
  [
    values.commonManifests.FileList,
    values.openshiftManifests.FileList,
    values.masterMachines.FileList,
    values.arbiterMachines.FileList,
    values.workerMachines.FileList,
    [values.masterIgnitionCustomizations.File, values.workerIgnitionCustomizations.File],
    values.cvoIgnore.FileList,
  ]
    .flat()
    .filter((entry) => entry !== null)
    .map((entry) => placedAt(entry, isPathOfKind(entry.Filename, 'fencingSecrets') ? SECRET : READABLE));

const kubeconfigFiles = (values: BootstrapValues): Placed[] =>
  [values.adminInternalClient, values.kubeletClient, values.loopbackClient].map(({ File }) =>
    placedAt(File, SECRET),
  );

/** All with their keys but the root CA, whose key nobody on the machine needs beside the machine config server's Secret. */
function tlsFiles(values: BootstrapValues): Placed[] {
  const files = [
    values.adminKubeConfigCABundle,
    values.aggregatorCA,
    values.aggregatorCABundle,
    values.aggregatorClientCertKey,
    values.aggregatorSignerCertKey,
    values.apiServerProxyCertKey,
    values.boundSASigningKey,
    values.cloudProviderCABundle,
    values.loadBalancerBundle,
    values.kubeAPIServerExternalLBServerCertKey,
    values.kubeAPIServerInternalLBServerCertKey,
    values.loadBalancerSigner,
    values.localhostBundle,
    values.kubeAPIServerLocalhostServerCertKey,
    values.localhostSigner,
    values.serviceNetworkBundle,
    values.kubeAPIServerServiceNetworkServerCertKey,
    values.serviceNetworkSigner,
    values.kubeAPIServerCompleteCABundle,
    values.kubeAPIServerCompleteClientCABundle,
    values.kubeAPIServerToKubeletCABundle,
    values.kubeAPIServerToKubeletClientCertKey,
    values.kubeAPIServerToKubeletSignerCertKey,
    values.kubeControlPlaneCABundle,
    values.kubeControlPlaneKubeControllerManagerClientCertKey,
    values.kubeControlPlaneKubeSchedulerClientCertKey,
    values.kubeControlPlaneSignerCertKey,
    values.kubeletBootstrapCABundle,
    values.kubeletClientCABundle,
    values.kubeletClientCertKey,
    values.kubeletCSRSignerCertKey,
    values.kubeletServingCABundle,
    values.mcsCertKey,
    values.serviceAccountKeyPair,
    values.journalCertKey,
    values.ironicTLSCert,
  ].flatMap(({ FileList }) => FileList.map((entry) => placedAt(entry, SECRET)));
  const rootCertificate = values.rootCA.FileList.filter(({ Filename }) => Filename.endsWith('.crt'));
  return [...files, ...rootCertificate.map((entry) => placedAt(entry, READABLE))];
}

const placedAt = ({ Filename, Data }: StateFileEntry, mode: number): Placed => ({
  path: `${ROOT}/${Filename}`,
  mode,
  content: Buffer.from(Data, 'base64'),
});
