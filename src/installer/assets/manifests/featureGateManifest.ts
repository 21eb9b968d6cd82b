import { defineAsset, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import { customFeatureGates } from '../../rules/featureGates.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { OPENSHIFT_FOLDER } from '../machines/machineFiles.ts';
import { clusterObject } from './manifestFile.ts';

/** Features that are switched on beyond what every cluster has. */
export const featureGateManifest = defineAsset({
  name: 'Feature Gate Config',
  stateKey: '*manifests.FeatureGate',
  inputs: { installConfig },
  generate({ installConfig: { config } }): FileListValue {
    const customNoUpgrade = customFeatureGates(config);
    const object = clusterObject('FeatureGate', {
      spec: {
        ...(customNoUpgrade && { customNoUpgrade }),
        ...(config.featureSet !== '' && { featureSet: config.featureSet }),
      },
      status: { featureGates: null },
    });
    return { FileList: [stateFileEntry(`${OPENSHIFT_FOLDER}/99_feature-gate.yaml`, renderManifest(object))] };
  },
});
