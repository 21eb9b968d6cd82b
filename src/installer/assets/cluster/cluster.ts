import { defineAsset } from '../../asset.ts';
import { bootstrapIgnition } from '../bootstrap/bootstrapIgnition.ts';
import { arbiterIgnition, masterIgnition, workerIgnition } from '../ignition/pointerIgnition.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { platformCredentialsCheck } from '../installConfig/platformCredentials.ts';
import { platformPermissionsCheck } from '../installConfig/platformPermissions.ts';
import { platformProvisionCheck } from '../installConfig/platformProvisionCheck.ts';
import { kubeadminPassword } from '../kubeadminPassword.ts';
import { adminClient } from '../kubeconfig/adminClient.ts';
import { clusterApiMachines } from '../machines/clusterApiMachines.ts';
import { workerMachines } from '../machines/workerMachines.ts';
import { clusterApi } from '../manifests/clusterApi.ts';
import { commonManifests } from '../manifests/commonManifests.ts';
import { platformQuotaCheck } from '../quota/platformQuotaCheck.ts';
import { rhcosImage } from '../release/rhcosImages.ts';
import { rootCA } from '../tls/signers.ts';
import { infrastructureVariables } from './infrastructureVariables.ts';

/** Everything that machines are made from. Upstream makes them here; ours are made when all files are written. */
export const cluster = defineAsset({
  name: 'Cluster',
  stateKey: '*cluster.Cluster',
  inputs: {
    clusterId,
    installConfig,
    platformCredentialsCheck,
    platformPermissionsCheck,
    platformProvisionCheck,
    rhcosImage,
    platformQuotaCheck,
    infrastructureVariables,
    kubeadminPassword,
    commonManifests,
    clusterApi,
    adminClient,
    bootstrapIgnition,
    masterIgnition,
    arbiterIgnition,
    workerIgnition,
    workerMachines,
    clusterApiMachines,
    rootCA,
  },
  generate: () => ({}),
});
