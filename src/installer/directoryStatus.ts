import { join } from 'node:path';
import type { Files } from '#system/host.ts';
import { certificatesOfIgnition, certificatesOfState, type DatedCertificate } from './certificateExpiry.ts';
import { findNextStep } from './nextStep.ts';
import { renderSeconds } from './rfc3339.ts';
import { STATE_FILE, type State } from './stateFile.ts';
import { digestOf, TargetDirectory } from './targetDirectory.ts';

/** What a target directory holds. Times are RFC 3339, paths are relative. */
export interface DirectoryStatus {
  /** Targets that were made here, the last one last. */
  readonly made: readonly { readonly target: string; readonly at: string }[];
  /** Input files that are there. */
  readonly inputs: readonly string[];
  /** Files that were consumed; the state file has their content. */
  readonly consumed: readonly string[];
  /** A run was killed while it removed its inputs: these are left. */
  readonly interrupted: readonly string[];
  readonly outputs: readonly string[];
  /** Those of the first boot live for a day. */
  readonly certificates?: CertificateStatus;
  readonly next: string;
}

export interface CertificateStatus {
  /** The Ignition config that they are in; without one, the state file. */
  readonly file: string;
  /** When the first of them ends. */
  readonly validUntil: string;
  readonly isExpired: boolean;
  /** Paths on the machine, or names in the state. */
  readonly expired: readonly string[];
}

const INPUTS = [
  ...['install-config.yaml', 'image-based-config.yaml', 'image-based-installation-config.yaml'],
  ...['extra-manifests/*', 'manifests/*', 'openshift/*'],
];
const OUTPUTS = [
  ...['bootstrap.ign', 'bootstrap-in-place-for-live-iso.ign', 'master.ign', 'arbiter.ign', 'worker.ign'],
  ...['auth/kubeconfig', 'auth/kubeadmin-password', 'metadata.json'],
  ...['rhcos-ibi.iso', 'imagebasedconfig.iso'],
];
const BOOTSTRAP_CONFIGS = ['bootstrap.ign', 'bootstrap-in-place-for-live-iso.ign'];

/** Reads the directory and its state file. @throws Failure installer/state-foreign, installer/state-unreadable, installer/directory-unusable */
export async function gatherStatus(root: string, files: Files, now: Date): Promise<DirectoryStatus> {
  const directory = new TargetDirectory(root, files);
  await directory.check();
  const state = await directory.readState();
  const inputs = (await Promise.all(INPUTS.map((path) => directory.readInputs(path)))).flat();
  const interrupted = inputs.filter(({ path, content }) => state.consuming[path] === digestOf(content));
  const found = {
    made: Object.entries(state.made)
      .toSorted(([, a], [, b]) => (a < b ? -1 : 1))
      .map(([target, at]) => ({ target, at: renderSeconds(new Date(at)) })),
    inputs: inputs.map(({ path }) => path),
    consumed: Object.keys(state.consumed).toSorted(),
    interrupted: interrupted.map(({ path }) => path),
    outputs: await existing(root, files),
  };
  const certificates = statusOf(await gatherCertificates(directory, state.values), now);
  const facts = { ...found, ...(certificates !== undefined && { certificates }) };
  return { ...facts, next: findNextStep(facts) };
}

async function existing(root: string, files: Files): Promise<string[]> {
  const there = await Promise.all(OUTPUTS.map((path) => files.exists(join(root, path))));
  return OUTPUTS.filter((_, i) => there[i]);
}

interface Certificates {
  readonly file: string;
  readonly certificates: readonly DatedCertificate[];
}

async function gatherCertificates(directory: TargetDirectory, state: State): Promise<Certificates> {
  const [file] = (await Promise.all(BOOTSTRAP_CONFIGS.map((path) => directory.readInputs(path)))).flat();
  if (file === undefined) return { file: STATE_FILE, certificates: certificatesOfState(state) };
  return { file: file.path, certificates: certificatesOfIgnition(file.content.toString('utf8')) };
}

function statusOf({ file, certificates }: Certificates, now: Date): CertificateStatus | undefined {
  const [first] = certificates.toSorted((a, b) => a.validUntil.getTime() - b.validUntil.getTime());
  if (first === undefined) return undefined;
  const expired = certificates.filter(({ validUntil }) => validUntil < now).map(({ path }) => path);
  return {
    file,
    validUntil: renderSeconds(first.validUntil),
    isExpired: expired.length > 0,
    expired: [...new Set(expired)],
  };
}
