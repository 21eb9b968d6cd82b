import { defineAsset } from '../../asset.ts';
import { installConfig } from './installConfig.ts';

/** Upstream logs in to clouds here. None of our platforms has anything to log in to, but the state file has its entry. */
export const platformCredentialsCheck = defineAsset({
  name: 'Platform Credentials Check',
  stateKey: '*installconfig.PlatformCredsCheck',
  inputs: { installConfig },
  generate: () => ({}),
});
