import { Failure } from '#base/failure.ts';
import { renderProblem } from '#base/report.ts';
import { assetFilesOf, defineAsset, stateFileEntry } from '../../asset.ts';
import { bootstrapInPlaceProblems } from '../../rules/bootstrapInPlaceRules.ts';
import { aggregate } from '../../rules/fieldErrors.ts';
import { renderBootstrapConfig } from './bootstrapConfig.ts';
import { BOOTSTRAP_INPUTS } from './bootstrapInputs.ts';
import { expiryNotice } from './expiryNotice.ts';
import { type BootstrapConfigValue, loadedBootstrapConfig } from './loadedBootstrapConfig.ts';

const PATH = 'bootstrap-in-place-for-live-iso.ign';

/** What the live ISO boots with on a machine that bootstraps the cluster and then is its only node (spec/installer/06.6). */
export const singleNodeBootstrapIgnition = defineAsset<BootstrapConfigValue, typeof BOOTSTRAP_INPUTS>({
  name: 'Single node bootstrap In Place Ignition Config',
  stateKey: '*bootstrap.SingleNodeBootstrapInPlace',
  inputs: BOOTSTRAP_INPUTS,
  source: loadedBootstrapConfig(PATH),
  async generate(values, context) {
    const { config } = values.installConfig;
    const problems = bootstrapInPlaceProblems(config);
    if (problems.length > 0) {
      throw new Failure({
        code: 'installer/bootstrap-in-place-impossible',
        message: aggregate(problems, renderProblem),
        hint: 'correct the install-config.yaml',
        facts: { problems: problems.map((problem) => ({ ...problem, file: 'install-config.yaml' })) },
      });
    }
    const text = await renderBootstrapConfig(values, config.bootstrapInPlace, context);
    return { File: stateFileEntry(PATH, text) };
  },
  files: ({ File }) => assetFilesOf([File]),
  notice: expiryNotice,
});
