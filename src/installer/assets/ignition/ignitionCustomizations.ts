import { isDeepStrictEqual } from 'node:util';
import { withoutEmptyMembers } from '#api/ignition.ts';
import { info } from '#base/logger.ts';
import { type Asset, assetFilesOf, defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { machineConfigOf } from '../machines/machineConfig.ts';
import { type MachineRole, OPENSHIFT_FOLDER } from '../machines/machineFiles.ts';
import { certificatePem } from '../tls/certificates.ts';
import { rootCA } from '../tls/signers.ts';
import { pointerConfig } from './pointerConfig.ts';
import {
  arbiterIgnition,
  masterIgnition,
  type PointerDocument,
  type PointerValue,
  parsePointer,
  ROLE_NAMES,
  workerIgnition,
} from './pointerIgnition.ts';

/** The MachineConfig with what a person added to a pointer config; null if nothing was added. */
export interface CustomizationsValue {
  readonly File: StateFileEntry | null;
}

/**
 * In a cluster that grows, machines are made with pointer configs of the cluster's own: what a person wrote into the
 * one of the installation is kept for them as a MachineConfig (spec/installer/06.2).
 */
const ignitionCustomizations = (role: MachineRole, pointer: Asset<PointerValue>) =>
  defineAsset({
    name: `${ROLE_NAMES[role]} Ignition Customization Check`,
    stateKey: `*machine.${ROLE_NAMES[role]}IgnitionCustomizations`,
    inputs: { installConfig, rootCA, pointer },
    generate(inputs, { logger }): CustomizationsValue {
      const { File } = inputs.pointer;
      if (File === null) return { File: null };
      const original = pointerConfig(inputs.installConfig.config, certificatePem(inputs.rootCA), role);
      const edited = parsePointer(Buffer.from(File.Data, 'base64').toString('utf8'), File.Filename);
      if (isDeepStrictEqual(withoutEmptyMembers(edited), original)) return { File: null };
      info(logger, `${ROLE_NAMES[role]} pointer ignition was modified. Saving contents to a machineconfig`);
      const ignition = withoutPointer(edited);
      const manifest = machineConfigOf({ name: `99-installer-ignition-${role}`, role, ignition });
      const path = `${OPENSHIFT_FOLDER}/99_openshift-installer-ignition_${role}.yaml`;
      return { File: stateFileEntry(path, renderManifest(manifest)) };
    },
    files: ({ File }) => (File === null ? [] : assetFilesOf([File])),
  });

/** A MachineConfig that pointed to the server of MachineConfigs would have no end. */
function withoutPointer(pointer: PointerDocument): PointerDocument {
  const { config, ...ignition } = pointer.ignition;
  const { merge: _, ...otherConfig } = (config ?? {}) as Readonly<Record<string, unknown>>;
  return withoutEmptyMembers({ ...pointer, ignition: { ...ignition, config: otherConfig } });
}

export const masterIgnitionCustomizations = ignitionCustomizations('master', masterIgnition);
export const arbiterIgnitionCustomizations = ignitionCustomizations('arbiter', arbiterIgnition);
export const workerIgnitionCustomizations = ignitionCustomizations('worker', workerIgnition);
