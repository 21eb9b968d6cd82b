import {
  type ImageBasedInstallationConfig,
  parseImageBasedInstallationConfig,
} from '#api/ibiInstallationConfig.ts';
import { parseIgnition } from '#api/ignition.ts';
import { parseImageBasedConfig } from '#api/imageBasedConfig.ts';
import { parseInstallConfig } from '#api/installConfig.ts';
import { Failure } from '#base/failure.ts';
import { type Report, warning } from '#base/report.ts';
import type { Files } from '#system/host.ts';
import type { InputFile, ReadContext } from './asset.ts';
import { INSTALL_CONFIG } from './assets/installConfig/installConfig.ts';
import { jsonSyntaxProblems } from './jsonSyntax.ts';
import { manifestSyntaxProblems } from './manifestSyntax.ts';
import type { InputProblem } from './refusedInput.ts';
import { bootstrapInPlaceProblems } from './rules/bootstrapInPlaceRules.ts';
import { validateForConfigImage } from './rules/configImageRules.ts';
import { validateImageBasedConfig } from './rules/imageBasedConfigRules.ts';
import { validateInstallationConfig } from './rules/installationConfigRules.ts';
import { readInstallConfig } from './rules/readInstallConfig.ts';
import { TargetDirectory } from './targetDirectory.ts';

/** What was found out about the input files of a target directory. */
export interface DirectoryReport {
  /** Relative paths of all files that were looked at. */
  readonly files: readonly string[];
  readonly problems: readonly InputProblem[];
}

type UnknownKeys = ReadContext['unknownKeys'];
type Check = (file: InputFile, unknownKeys: UnknownKeys) => Report;

const IGNITION_FILES = [
  ...['bootstrap.ign', 'bootstrap-in-place-for-live-iso.ign'],
  ...['master.ign', 'arbiter.ign', 'worker.ign'],
];
const IMAGE_BASED_CONFIG = 'image-based-config.yaml';

/** Every kind of input file with what is checked of it; a path as in AssetSource. */
const CHECKS: readonly (readonly [path: string, check: Check])[] = [
  [IMAGE_BASED_CONFIG, imageBasedConfigProblems],
  ['image-based-installation-config.yaml', installationConfigProblems],
  ['extra-manifests/*', manifestSyntaxProblems],
  ['manifests/*', manifestSyntaxProblems],
  ['openshift/*', manifestSyntaxProblems],
  ...IGNITION_FILES.map((path) => [path, ignitionProblems] as const),
];

/**
 * Checks every input file that is in the directory, by itself: all problems, as the commands that read these files
 * would find them. Beside `image-based-config.yaml` the install-config is one of a config ISO.
 *
 * @throws Failure installer/nothing-to-validate, installer/directory-unusable
 */
export async function validateDirectory(
  root: string,
  files: Files,
  unknownKeys: UnknownKeys,
): Promise<DirectoryReport> {
  const directory = new TargetDirectory(root, files);
  await directory.check();
  const isImageBased = (await directory.readInputs(IMAGE_BASED_CONFIG)).length > 0;
  const checkInstallConfig = isImageBased ? configImageProblems : installConfigProblems;
  const checked: string[] = [];
  const problems: InputProblem[] = [];
  for (const [path, check] of [[INSTALL_CONFIG, checkInstallConfig] as const, ...CHECKS]) {
    for (const file of await directory.readInputs(path)) {
      checked.push(file.path);
      problems.push(...check(file, unknownKeys).map((found) => ({ ...found, file: file.path })));
    }
  }
  if (checked.length > 0) return { files: checked, problems };
  throw new Failure({
    code: 'installer/nothing-to-validate',
    message: `${root} has no input files`,
    hint: `put ${INSTALL_CONFIG} into the directory, or name another one with --dir`,
  });
}

const textOf = ({ content }: InputFile): string => content.toString('utf8');

/** One command is stricter than the others; the file may be meant for it. */
function installConfigProblems(file: InputFile, unknownKeys: UnknownKeys): Report {
  const read = readInstallConfig(textOf(file), { unknownKeys, isAgent: false });
  if (!read.ok || read.value.bootstrapInPlace === undefined) return read.report;
  const stricter = bootstrapInPlaceProblems(read.value).map(({ path, message }) =>
    warning(path, `single-node-ignition-config refuses it: ${message}`),
  );
  return [...read.report, ...stricter];
}

const configImageProblems: Check = (file, unknownKeys) =>
  parseInstallConfig(textOf(file), { unknownKeys, rules: validateForConfigImage }).report;

function imageBasedConfigProblems(file: InputFile): Report {
  return parseImageBasedConfig(textOf(file), validateImageBasedConfig).report;
}

function installationConfigProblems(file: InputFile): Report {
  return parseImageBasedInstallationConfig(textOf(file), (config) => [
    ...validateInstallationConfig(config),
    ...ignitionOverrideProblems(config),
  ]).report;
}

/** Found only when the ISO is made; but then the base image may have been downloaded for nothing. */
function ignitionOverrideProblems({ ignitionConfigOverride }: ImageBasedInstallationConfig): Report {
  if (ignitionConfigOverride === '') return [];
  const { report } = parseIgnition(ignitionConfigOverride);
  return report.map((found) => ({ ...found, path: 'ignitionConfigOverride' }));
}

function ignitionProblems(file: InputFile): Report {
  const text = textOf(file);
  const mistakes = jsonSyntaxProblems(text);
  return mistakes.length > 0 ? mistakes : parseIgnition(text).report;
}
