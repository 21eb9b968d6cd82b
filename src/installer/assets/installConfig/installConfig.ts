import { stringify } from 'yaml';
import { type InstallConfig, parseInstallConfig } from '#api/installConfig.ts';
import { renderInstallConfig } from '#api/installConfigText.ts';
import { type Logger, warn } from '#base/logger.ts';
import { errorsOf, type Report, renderProblem } from '#base/report.ts';
import {
  assetFilesOf,
  defineAsset,
  type Environment,
  type ReadContext,
  type StateFileEntry,
  stateFileEntry,
} from '../../asset.ts';
import { type Mapping, mappingOf } from '../../interview.ts';
import { refusedInput } from '../../refusedInput.ts';
import { RELEASE } from '../../release.ts';
import { readInstallConfig } from '../../rules/readInstallConfig.ts';
import { validateConversion } from '../../rules/upconvert.ts';
import { tellUnknownField } from '../../unknownFields.ts';
import { baseDomain } from './baseDomain.ts';
import { clusterName } from './clusterName.ts';
import { askLayout } from './layout.ts';
import { platform } from './platform.ts';
import { pullSecret } from './pullSecret.ts';
import { sshPublicKey } from './sshPublicKey.ts';

export const INSTALL_CONFIG = 'install-config.yaml';

export interface InstallConfigValue {
  readonly config: InstallConfig;
  readonly file: StateFileEntry;
}

const INPUTS = { sshPublicKey, baseDomain, clusterName, pullSecret, platform };

/**
 * `install-config.yaml` for a cluster of any kind: converted, defaulted and valid by every rule (spec/installer/03).
 * Without the file it is made of the answers to the wizard's questions.
 */
export const installConfig = defineAsset<InstallConfigValue, typeof INPUTS>({
  name: 'Install Config',
  stateKey: '*installconfig.InstallConfig',
  inputs: INPUTS,
  isInterview: true,
  source: {
    path: INSTALL_CONFIG,
    parse([file], { unknownKeys, logger, env }) {
      const text = file!.content.toString('utf8');
      const read = readInstallConfig(text, {
        unknownKeys,
        isAgent: false,
        ...releaseArchitecture(env, logger),
      });
      const report = tellUnknownField(read.report, logger, ': ');
      if (read.ok) return { value: valueFrom(read.value), warnings: report };
      const wording = `failed to create install config: ${refusalOf(text, unknownKeys)}`;
      throw refusedInput({ file: INSTALL_CONFIG, report, wording });
    },
  },
  async generate(answers, { interview, logger, unknownKeys }) {
    const given = interview?.given ?? {};
    const draft: Mapping = {
      apiVersion: 'v1',
      ...given,
      baseDomain: answers.baseDomain.BaseDomain,
      metadata: { ...mappingOf(given['metadata']), name: answers.clusterName.ClusterName },
      platform: answers.platform.Platform,
      pullSecret: answers.pullSecret.PullSecret,
      ...(answers.sshPublicKey.Key !== '' && { sshKey: answers.sshPublicKey.Key }),
    };
    const complete = interview === undefined ? draft : await askLayout(draft, interview);
    const read = readInstallConfig(stringify(complete), { unknownKeys, isAgent: false });
    for (const problem of read.report) {
      if (problem.severity === 'warning') warn(logger, renderProblem(problem));
    }
    if (read.ok) return valueFrom(read.value);
    throw refusedInput({
      file: INSTALL_CONFIG,
      report: withoutPositions(read.report),
      wording: 'invalid install config',
    });
  },
  files: ({ file }) => assetFilesOf([file]),
});

/** What another release image consists of is not known. */
function releaseArchitecture(env: Environment, logger: Logger): { readonly releaseArchitecture?: string } {
  const override = env['OPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE'] ?? '';
  if (override === '') return { releaseArchitecture: RELEASE.architecture };
  warn(logger, `Found override for release image (${override}). Release Image Architecture is unknown`);
  return {};
}

/** Upstream words it by the step that failed: decoding, conversion or validation (spec/installer/03.1). */
function refusalOf(text: string, unknownKeys: ReadContext['unknownKeys']): string {
  const decoded = parseInstallConfig(text, { unknownKeys });
  if (!decoded.ok) return `failed to unmarshal ${INSTALL_CONFIG}`;
  const isConverted = errorsOf(validateConversion(decoded.value)).length === 0;
  return isConverted ? `invalid "${INSTALL_CONFIG}" file` : 'failed to upconvert install config';
}

/** There is no file that they could be positions of. */
const withoutPositions = (report: Report): Report => report.map(({ position, ...problem }) => problem);

const valueFrom = (config: InstallConfig): InstallConfigValue => ({
  config,
  file: stateFileEntry(INSTALL_CONFIG, renderInstallConfig(config)),
});
