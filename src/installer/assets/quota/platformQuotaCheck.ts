import { defineAsset } from '../../asset.ts';
import { installConfig } from '../installConfig/installConfig.ts';
import { masterMachines } from '../machines/masterMachines.ts';
import { workerMachines } from '../machines/workerMachines.ts';

/** Upstream asks clouds whether they have room. None of our platforms has quotas, but the state file has its entry. */
export const platformQuotaCheck = defineAsset({
  name: 'Platform Quota Check',
  stateKey: '*quota.PlatformQuotaCheck',
  inputs: { installConfig, masterMachines, workerMachines },
  generate: () => ({}),
});
