import { defineAsset } from '../../asset.ts';
import { installConfig } from './installConfig.ts';

/** Upstream asks clouds what its account may do. None of our platforms has accounts, but the state file has its entry. */
export const platformPermissionsCheck = defineAsset({
  name: 'Platform Permissions Check',
  stateKey: '*installconfig.PlatformPermsCheck',
  inputs: { installConfig },
  generate: () => ({}),
});
