import { renderSparseIgnition } from '#api/ignition.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import { Failure } from '#base/failure.ts';
import { assetFilesOf, defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { jsonSyntaxProblems } from '../../jsonSyntax.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import type { MachineRole } from '../machines/machineFiles.ts';
import { certificatePem } from '../tls/certificates.ts';
import { rootCA } from '../tls/signers.ts';
import { pointerConfig } from './pointerConfig.ts';

/** A pointer config as it is written, or as a person edited it; null where the cluster has no machines of the role. */
export interface PointerValue {
  readonly File: StateFileEntry | null;
}

/** What is read of an edited pointer config; the rest is passed on as it is. */
export interface PointerDocument {
  readonly ignition: Readonly<Record<string, unknown>>;
}

/** Human name of a role, as it stands in the names of assets and in messages. */
export const ROLE_NAMES: Readonly<Record<MachineRole, string>> = {
  master: 'Master',
  arbiter: 'Arbiter',
  worker: 'Worker',
};

function pointerIgnition(role: MachineRole, isWanted: (config: InstallConfig) => boolean = () => true) {
  const path = `${role}.ign`;
  return defineAsset<PointerValue, { installConfig: typeof installConfig; rootCA: typeof rootCA }>({
    name: `${ROLE_NAMES[role]} Ignition Config`,
    stateKey: `*machine.${ROLE_NAMES[role]}`,
    inputs: { installConfig, rootCA },
    source: {
      path,
      parse([file]) {
        parsePointer(file!.content.toString('utf8'), path);
        return { value: { File: stateFileEntry(path, file!.content) }, warnings: [] };
      },
    },
    generate({ installConfig: { config }, rootCA: ca }) {
      if (!isWanted(config)) return { File: null };
      const pointer = pointerConfig(config, certificatePem(ca), role);
      return { File: stateFileEntry(path, renderSparseIgnition(pointer)) };
    },
    files: ({ File }) => (File === null ? [] : assetFilesOf([File])),
  });
}

/** `master.ign`, which control plane machines boot with. */
export const masterIgnition = pointerIgnition('master');
/** `arbiter.ign`. */
export const arbiterIgnition = pointerIgnition('arbiter', ({ arbiter }) => arbiter !== undefined);
/** `worker.ign`. */
export const workerIgnition = pointerIgnition('worker');

/**
 * Reads a pointer config. Which version of the specification it has and what else stands in it is the business of the
 * machines that read it; its text may hold secrets and is not quoted.
 *
 * @throws Failure installer/pointer-unusable
 */
export function parsePointer(text: string, path: string): PointerDocument {
  const document = parseJson(text);
  if (isMapping(document) && isMapping(document['ignition']) && isVersion(document['ignition']['version'])) {
    return { ...document, ignition: document['ignition'] };
  }
  throw new Failure({
    code: 'installer/pointer-unusable',
    message: `failed to unmarshal ${path}: it is no Ignition config of version 3`,
    hint: `correct ${path}, or remove it: a new one is generated`,
    facts: { problems: jsonSyntaxProblems(text).map((found) => ({ ...found, file: path })) },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The parser's message quotes the text.
  }
}

const isVersion = (value: unknown): boolean => typeof value === 'string' && /^3\.\d+\.\d+$/.test(value);

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
