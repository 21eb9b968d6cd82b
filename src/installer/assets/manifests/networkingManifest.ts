import type { Networking } from '#api/installConfig.ts';
import { defineAsset, type StateFileEntry } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { clusterObject, manifestFile } from './manifestFile.ts';

/** The networks of pods and services, and settings of the network operator if there are any. */
export const networkingManifest = defineAsset({
  name: 'Network Config',
  stateKey: '*manifests.Networking',
  inputs: { installConfig },
  generate({ installConfig: { config } }): FileListValue {
    const networking = config.networking!; // The defaults have one.
    return { FileList: [clusterNetworkFile(networking), ...operatorFiles(networking)] };
  },
});

const networksOf = ({ clusterNetwork, serviceNetwork }: Networking) => ({
  clusterNetwork: clusterNetwork.map(({ cidr, hostPrefix }) => ({ cidr, hostPrefix })),
  serviceNetwork,
});

function clusterNetworkFile(networking: Networking): StateFileEntry {
  const anyNode = { nodeSelector: null, tolerations: null };
  const object = clusterObject('Network', {
    spec: {
      ...networksOf(networking),
      externalIP: { policy: {} },
      networkDiagnostics: { mode: '', sourcePlacement: anyNode, targetPlacement: anyNode },
      networkType: networking.networkType,
    },
    status: {},
  });
  return manifestFile('cluster-network-02-config.yml', object);
}

/** The operator's object is only written for what the cluster's object above has no place for. */
function operatorFiles(networking: Networking): StateFileEntry[] {
  const internalJoinSubnet = networking.ovnKubernetesConfig?.ipv4?.internalJoinSubnet ?? '';
  if (internalJoinSubnet === '') return [];
  const object = {
    apiVersion: 'operator.openshift.io/v1',
    kind: 'Network',
    metadata: { creationTimestamp: null, name: 'cluster' },
    spec: {
      ...networksOf(networking),
      defaultNetwork: {
        ovnKubernetesConfig: { egressIPConfig: {}, ipv4: { internalJoinSubnet } },
        type: 'OVNKubernetes',
      },
      disableNetworkDiagnostics: false,
      managementState: 'Managed',
      observedConfig: null,
      unsupportedConfigOverrides: null,
    },
    status: { readyReplicas: 0 },
  };
  return [manifestFile('cluster-network-03-config.yml', object)];
}
