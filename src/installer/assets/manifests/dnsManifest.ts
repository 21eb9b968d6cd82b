import { defineAsset } from '../../asset.ts';
import { clusterDomainOf } from '../../rules/generalRules.ts';
import type { FileListValue } from '../fileList.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { platformCredentialsCheck } from '../installConfig/platformCredentials.ts';
import { clusterObject, manifestFile } from './manifestFile.ts';

/** The cluster's domain. No platform here has zones that the cluster could write records into. */
export const dnsManifest = defineAsset({
  name: 'DNS Config',
  stateKey: '*manifests.DNS',
  inputs: { installConfig, clusterId, platformCredentialsCheck },
  generate({ installConfig: { config } }): FileListValue {
    const object = clusterObject('DNS', {
      spec: { baseDomain: clusterDomainOf(config), platform: { aws: null, type: '' } },
      status: {},
    });
    return { FileList: [manifestFile('cluster-dns-02-config.yml', object)] };
  },
});
