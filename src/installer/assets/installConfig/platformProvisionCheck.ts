import { Failure } from '#base/failure.ts';
import { renderProblem } from '#base/report.ts';
import { defineAsset } from '../../asset.ts';
import { enabledCapabilities } from '../../rules/capabilities.ts';
import { aggregate } from '../../rules/fieldErrors.ts';
import { provisioningProblems } from '../../rules/provisioningRules.ts';
import { installConfig } from './installConfig.ts';

/** What must hold before machines are made; libvirt and its bridges are asked when everything else is right. */
export const platformProvisionCheck = defineAsset({
  name: 'Platform Provisioning Check',
  stateKey: '*installconfig.PlatformProvisionCheck',
  inputs: { installConfig },
  generate({ installConfig: { config } }): Readonly<Record<never, never>> {
    if (!enabledCapabilities(config.capabilities).has('MachineAPI')) {
      throw new Failure({
        code: 'installer/machine-api-needed',
        message: 'IPI requires MachineAPI capability',
        hint: 'add MachineAPI to capabilities.additionalEnabledCapabilities of the install-config',
      });
    }
    const problems = provisioningProblems(config);
    if (problems.length === 0) return {};
    throw new Failure({
      code: 'installer/provisioning-impossible',
      message: aggregate(problems, renderProblem),
      hint: 'correct the install-config.yaml; nothing was changed',
      facts: { problems: problems.map((problem) => ({ ...problem, file: 'install-config.yaml' })) },
    });
  },
});
