import type { AnyAsset } from './asset.ts';
import { bootstrapIgnition } from './assets/bootstrap/bootstrapIgnition.ts';
import { singleNodeBootstrapIgnition } from './assets/bootstrap/singleNodeBootstrapIgnition.ts';
import { cluster } from './assets/cluster/cluster.ts';
import { infrastructureVariables } from './assets/cluster/infrastructureVariables.ts';
import { journalCertificate } from './assets/cluster/journalCertificate.ts';
import { metadata } from './assets/cluster/metadata.ts';
import {
  arbiterIgnitionCustomizations,
  masterIgnitionCustomizations,
  workerIgnitionCustomizations,
} from './assets/ignition/ignitionCustomizations.ts';
import { arbiterIgnition, masterIgnition, workerIgnition } from './assets/ignition/pointerIgnition.ts';
import { configImage } from './assets/imageBased/configImage.ts';
import { imageBasedConfig } from './assets/imageBased/imageBasedConfig.ts';
import { installationConfig } from './assets/imageBased/installationConfig.ts';
import { installationImage } from './assets/imageBased/installationImage.ts';
import { installConfig } from './assets/installConfig/installConfig.ts';
import { kubeadminPassword } from './assets/kubeadminPassword.ts';
import { adminClient } from './assets/kubeconfig/adminClient.ts';
import { imageBasedAdminKubeconfig } from './assets/kubeconfig/imageBasedAdminClient.ts';
import { arbiterMachines } from './assets/machines/arbiterMachines.ts';
import { clusterApiMachines } from './assets/machines/clusterApiMachines.ts';
import { masterMachines } from './assets/machines/masterMachines.ts';
import { workerMachines } from './assets/machines/workerMachines.ts';
import { clusterApi } from './assets/manifests/clusterApi.ts';
import { commonManifests } from './assets/manifests/commonManifests.ts';
import { openshiftManifests } from './assets/manifests/openshiftManifests.ts';

/** A command that makes files: its assets in the order in which they are fetched and reported. */
export interface Target {
  /** Stands in `<title> created in: <directories>`. */
  readonly title: string;
  /** Upstream has no such line for this target. */
  readonly isUnannounced?: true;
  readonly assets: readonly AnyAsset[];
}

export const TARGETS = {
  'install-config': { title: 'Install-Config', assets: [installConfig] },
  manifests: {
    title: 'Manifests',
    assets: [
      masterMachines,
      arbiterMachines,
      workerMachines,
      clusterApiMachines,
      commonManifests,
      openshiftManifests,
      clusterApi,
    ],
  },
  'ignition-configs': {
    title: 'Ignition-Configs',
    assets: [
      adminClient,
      kubeadminPassword,
      masterIgnition,
      arbiterIgnition,
      workerIgnition,
      bootstrapIgnition,
      metadata,
    ],
  },
  'single-node-ignition-config': {
    title: 'Single-Node-Ignition-Config',
    assets: [adminClient, kubeadminPassword, workerIgnition, singleNodeBootstrapIgnition, metadata],
  },
  cluster: {
    title: 'Cluster',
    isUnannounced: true,
    assets: [
      metadata,
      masterIgnitionCustomizations,
      arbiterIgnitionCustomizations,
      workerIgnitionCustomizations,
      infrastructureVariables,
      adminClient,
      kubeadminPassword,
      journalCertificate,
      cluster,
    ],
  },
  'image-based image-config-template': { title: 'Image-Config-Template', assets: [installationConfig] },
  'image-based image': { title: 'Image', isUnannounced: true, assets: [installationImage] },
  'image-based config-template': { title: 'Config-Template', assets: [imageBasedConfig] },
  'image-based config-image': {
    title: 'Config-Image',
    assets: [configImage, imageBasedAdminKubeconfig, kubeadminPassword],
  },
} satisfies Record<string, Target>;
