import { Failure } from '#base/failure.ts';
import { defineAsset } from '../../asset.ts';
import { clusterId } from '../installConfig/clusterId.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { platformProvisionCheck } from '../installConfig/platformProvisionCheck.ts';
import { rhcosBootstrapImage } from '../release/rhcosImages.ts';

const inputs = { clusterId, installConfig, rhcosBootstrapImage, platformProvisionCheck };

/** What the machines of a cluster are to be. */
export const infrastructureVariables = defineAsset<never, typeof inputs>({
  name: 'Cluster Infrastructure Variables',
  stateKey: '*tfvars.TerraformVariables',
  inputs,
  generate({ installConfig: { config }, clusterId: { InfraID }, rhcosBootstrapImage: image }) {
    const { platform } = config;
    if (platform.baremetal !== undefined) throw noBareMetalYet(InfraID, platform.baremetal.libvirtURI, image);
    const name = platform.external === undefined ? 'none' : 'external';
    throw new Failure({
      code: 'installer/platform-not-provisioned',
      message: `cannot create the cluster because "${name}" is a UPI platform`,
      hint: 'run "create ignition-configs" and boot machines of your own with them; nothing was changed',
    });
  },
});

/** Upstream makes a virtual machine for bootstrapping here (spec/installer/07.5). */
const noBareMetalYet = (infraId: string, uri: string, image: string): Failure =>
  new Failure({
    code: 'installer/bare-metal-not-provisioned',
    message: `cannot create the cluster because this program does not make the libvirt machine "${infraId}-bootstrap" at ${uri}`,
    hint: `run "create ignition-configs" and boot a virtual machine from ${image} with bootstrap.ign on the provisioning host, or use the original openshift-install; nothing was changed`,
  });
