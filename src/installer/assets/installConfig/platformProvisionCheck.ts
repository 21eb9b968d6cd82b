import { Failure } from '#base/failure.ts';
import { defineAsset } from '../../asset.ts';
import { enabledCapabilities } from '../../rules/capabilities.ts';
import { installConfig } from './installConfig.ts';

/** What must hold before machines are made; upstream also asks the cloud, and no platform of ours is one. */
export const platformProvisionCheck = defineAsset({
  name: 'Platform Provisioning Check',
  stateKey: '*installconfig.PlatformProvisionCheck',
  inputs: { installConfig },
  generate({ installConfig: { config } }): Readonly<Record<never, never>> {
    if (enabledCapabilities(config.capabilities).has('MachineAPI')) return {};
    throw new Failure({
      code: 'installer/machine-api-needed',
      message: 'IPI requires MachineAPI capability',
      hint: 'add MachineAPI to capabilities.additionalEnabledCapabilities of the install-config',
    });
  },
});
