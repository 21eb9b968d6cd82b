import { type InstallConfig, parseInstallConfig } from '#api/installConfig.ts';
import { Failure } from '#base/failure.ts';
import type { Report } from '#base/report.ts';
import { type AssetSource, defineAsset, type ReadContext, stateFileEntry } from '../../asset.ts';
import { refusedInput } from '../../refusedInput.ts';
import { validateForConfigImage } from '../../rules/configImageRules.ts';
import { applyDefaults } from '../../rules/defaults.ts';
import { upconvertInstallConfig } from '../../rules/upconvert.ts';
import { tellUnknownField } from '../../unknownFields.ts';
import { INSTALL_CONFIG, type InstallConfigValue } from '../installConfig/installConfig.ts';

/** What a config ISO is made of: converted, but nothing defaulted, so that only what the user said goes into it. */
export const configImageInstallConfig = defineAsset<InstallConfigValue | null, Record<never, never>>({
  name: 'Install Config',
  stateKey: '*configimage.InstallConfig',
  inputs: {},
  source: sourceOf(upconvertInstallConfig, ', err: '),
  generate: () => null,
});

/** The same file with defaults, under the key that scripts read. */
export const defaultedInstallConfig = defineAsset<InstallConfigValue | null, Record<never, never>>({
  name: 'Install Config',
  stateKey: '*installconfig.InstallConfig',
  inputs: {},
  // The warnings of the file were given with the asset above.
  source: withoutWarnings(sourceOf((config) => applyDefaults(upconvertInstallConfig(config)), ': ')),
  generate: () => null,
});

/** Upstream reads the file twice, and says of unknown fields the same in two wordings. */
function sourceOf(
  finish: (config: InstallConfig) => InstallConfig,
  separator: ': ' | ', err: ',
): AssetSource<InstallConfigValue> {
  return {
    path: INSTALL_CONFIG,
    parse([file], { unknownKeys, logger }) {
      const text = file!.content.toString('utf8');
      const complete = parseInstallConfig(text, { unknownKeys, rules: validateForConfigImage });
      const report = tellUnknownField(complete.report, logger, separator);
      if (!complete.ok) throw refusal(text, { report, unknownKeys });
      return {
        value: { config: finish(complete.value), file: stateFileEntry(INSTALL_CONFIG, text) },
        warnings: report,
      };
    },
  };
}

function withoutWarnings<Value>(source: AssetSource<Value>): AssetSource<Value> {
  return {
    ...source,
    parse(files, context) {
      const parsed = source.parse(files, context);
      return parsed && { value: parsed.value, warnings: [] };
    },
  };
}

/** Upstream words it differently when the text does not even have the shape of an install-config. */
function refusal(
  text: string,
  { report, unknownKeys }: Pick<ReadContext, 'unknownKeys'> & { readonly report: Report },
): Failure {
  const hasShape = parseInstallConfig(text, { unknownKeys }).ok;
  return refusedInput({
    file: INSTALL_CONFIG,
    report,
    wording: hasShape
      ? 'invalid install-config configuration'
      : `failed to create install config, err: failed to unmarshal ${INSTALL_CONFIG}, err`,
  });
}

/** For assets that can't do without it. @throws Failure installer/install-config-missing */
export function requireInstallConfig(value: InstallConfigValue | null): InstallConfig {
  if (value !== null) return value.config;
  throw new Failure({
    code: 'installer/install-config-missing',
    message: `missing ${INSTALL_CONFIG}`,
    hint: `put ${INSTALL_CONFIG} into the directory`,
  });
}
