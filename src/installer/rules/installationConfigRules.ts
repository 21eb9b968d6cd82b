import type { ImageBasedInstallationConfig } from '#api/ibiInstallationConfig.ts';
import { findPullSecretFault } from '#api/pullSecret.ts';
import type { Problem, Report } from '#base/report.ts';
import { invalid, invalidSecret, required } from './fieldErrors.ts';
import { sourcesProblems } from './imageSourceRules.ts';
import { networkConfigProblems } from './networkConfigRules.ts';
import { noProxyProblems, proxyUrlProblems } from './proxyRules.ts';
import { isAuthorizedKey } from './sshKey.ts';
import { findTrustBundleFault } from './trustBundle.ts';

const INSTALLER_FLAGS = ['--append-karg', '--delete-karg', '--save-partlabel', '--save-partindex'];
/** What can stand in an argument of coreos-installer; `+-=` is a range, as upstream has it. */
const ARGUMENT = /^[A-Za-z0-9@!#$%*()_+-=//.,";':{}[\]]+$/;

/** The rules for `image-based-installation-config.yaml`, in upstream's order (spec/installer/09.1); all are applied. */
export function validateInstallationConfig(config: ImageBasedInstallationConfig): Report {
  return [
    ...accessProblems(config),
    ...seedProblems(config),
    ...partitionProblems(config.extraPartitionStart),
    ...trustBundleProblems(config.additionalTrustBundle),
    ...networkConfigProblems(config.networkConfig, 'networkConfig'),
    ...sourcesProblems('imageDigestSources', config.imageDigestSources),
    ...proxyProblems(config.proxy),
    ...argumentProblems(config.coreosInstallerArgs),
  ];
}

function accessProblems({ pullSecret, sshKey }: ImageBasedInstallationConfig): Problem[] {
  const found: Problem[] = [];
  const fault = pullSecret === '' ? undefined : findPullSecretFault(pullSecret);
  if (pullSecret === '') found.push(required('pullSecret', 'you must specify a pullSecret'));
  if (fault !== undefined) found.push(invalidSecret('pullSecret', pullSecret, fault));
  if (sshKey !== '' && !isAuthorizedKey(sshKey)) found.push(invalid('sshKey', sshKey, 'ssh: no key found'));
  return found;
}

function seedProblems(config: ImageBasedInstallationConfig): Problem[] {
  const found: Problem[] = [];
  if (config.seedImage === '') found.push(required('seedImage', 'you must specify a seedImage'));
  if (config.seedVersion === '') found.push(required('seedVersion', 'you must specify a seedVersion'));
  if (config.installationDisk === '') {
    found.push(required('installationDisk', 'you must specify an installationDisk'));
  } else if (!config.installationDisk.startsWith('/')) {
    found.push(invalid('installationDisk', config.installationDisk, 'must be the absolute path of a device'));
  }
  return found;
}

/** The installing host knows no P, so that what it would refuse is refused here. */
function partitionProblems(start: string): Problem[] {
  const path = 'ExtraPartitionStart';
  if (start === '') return [required(path, 'partition start sector cannot be empty')];
  if (/^[+-]?\d+P$/.test(start)) {
    return [
      invalid(path, start, 'the installing host takes K, M, G and T only, although the installer takes P'),
    ];
  }
  if (start === '0' || /^[+-]?\d+[KMGT]$/.test(start)) return [];
  return [invalid(path, start, "partition start must be '0' or match pattern [+-]?<number>[KMGTP]")];
}

function trustBundleProblems(bundle: string): Problem[] {
  const fault = bundle === '' ? undefined : findTrustBundleFault(bundle);
  return fault === undefined ? [] : [invalidSecret('additionalTrustBundle', bundle, fault)];
}

const proxyProblems = (proxy: ImageBasedInstallationConfig['proxy']): Problem[] =>
  proxy === undefined ? [] : [...proxyUrlProblems(proxy, undefined), ...noProxyProblems(proxy.noProxy)];

const argumentProblems = (args: readonly string[]): Problem[] =>
  args.flatMap((argument) => {
    if (argument.startsWith('-') && !INSTALLER_FLAGS.includes(argument)) {
      const allowed = `allowed flags are [${INSTALLER_FLAGS.join(' ')}]`;
      const detail = `found unexpected flag ${argument} for coreosInstallerArgs - ${allowed}`;
      return [required('CoreosInstallerArgs', detail)];
    }
    if (ARGUMENT.test(argument)) return [];
    return [required('CoreosInstallerArgs', `found unexpected chars in value ${argument} for installer`)];
  });
