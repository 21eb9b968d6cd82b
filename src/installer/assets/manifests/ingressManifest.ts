import { defineAsset } from '../../asset.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { clusterObject, manifestFile } from './manifestFile.ts';
import { controlPlaneTopology } from './topologies.ts';

/** Under which domain workloads are reached, and on which machines the routers run by default. */
export const ingressManifest = defineAsset({
  name: 'Ingress Config',
  stateKey: '*manifests.Ingress',
  inputs: { installConfig },
  generate({ installConfig: { config } }): FileListValue {
    // A single node that gets workers later keeps its address for *.apps: nothing in front of it balances.
    const isSingleNode =
      config.platform.none !== undefined && controlPlaneTopology(config) === 'SingleReplica';
    const object = clusterObject('Ingress', {
      spec: { domain: `apps.${clusterDomainOf(config)}`, loadBalancer: { platform: { type: '' } } },
      status: { defaultPlacement: isSingleNode ? 'ControlPlane' : 'Workers' },
    });
    return { FileList: [manifestFile('cluster-ingress-02-config.yml', object)] };
  },
});
