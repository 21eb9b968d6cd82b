import { defineAsset } from '../../asset.ts';
import type { FileListValue } from '../fileList.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { newSelfSignedServer, secondsOf } from './issuing.ts';

/**
 * With this certificate the bootstrap machine serves virtual media to the hosts' management controllers; no files on
 * other platforms than bare metal. It names no host, as upstream's: the controllers do not check it.
 */
export const ironicTLSCert = defineAsset({
  name: 'Certificate (ironic virtual media TLS)',
  stateKey: '*tls.IronicTLSCert',
  inputs: { installConfig },
  async generate({ installConfig: { config } }, context): Promise<FileListValue> {
    if (config.platform.baremetal === undefined) return { FileList: [] };
    const subject = { commonName: 'ironic', organizationalUnit: ['openshift'] };
    return newSelfSignedServer(
      { base: 'ironic/tls', subject, validitySeconds: secondsOf('day', config) },
      context,
    );
  },
});
