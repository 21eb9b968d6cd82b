import { type InstallConfig, PLATFORMS, type PlatformName } from '#api/installConfig.ts';
import { isDnsSubdomain, SUBDOMAIN_RULE } from '#api/names.ts';
import { findPullSecretFault } from '#api/pullSecret.ts';
import type { Problem, Report } from '#base/report.ts';
import { forbidden, invalid, invalidSecret, unsupported } from './fieldErrors.ts';
import { imageSourceProblems } from './imageSourceRules.ts';
import { machinePoolProblems } from './machinePoolRules.ts';
import { networkingProblems } from './networkRules.ts';
import { proxyProblems } from './proxyRules.ts';
import { isAuthorizedKey } from './sshKey.ts';
import { findTrustBundleFault } from './trustBundle.ts';

const LONGEST_CLUSTER_NAME = 54;
const LONGEST_DOMAIN = 253;
const FEATURE_SETS = ['', 'CustomNoUpgrade', 'DevPreviewNoUpgrade', 'TechPreviewNoUpgrade'];
/** Platforms on which clusters of cloud credentials have no meaning. */
const WITHOUT_CREDENTIALS: readonly PlatformName[] = ['none', 'baremetal', 'external'];

/** The platforms that stand below `platform`. */
export const platformsOf = ({ platform }: InstallConfig): PlatformName[] =>
  PLATFORMS.filter((name) => platform[name] !== undefined);

/** `<cluster name>.<base domain>` */
export const clusterDomainOf = ({ metadata, baseDomain }: InstallConfig): string =>
  `${metadata.name}.${baseDomain.replace(/\.$/, '')}`;

/**
 * The rules for a converted and defaulted install-config, in upstream's order (spec/installer/03.5); all are applied.
 */
export function validateInstallConfig(config: InstallConfig): Report {
  return [
    ...accessProblems(config),
    ...nameProblems(config),
    ...networkingProblems(config),
    ...platformProblems(config),
    ...machinePoolProblems(config),
    ...pullSecretProblems(config),
    ...proxyProblems(config),
    ...publishProblems(config),
    ...imageSourceProblems(config),
    ...featureProblems(config),
  ];
}

function accessProblems(config: InstallConfig): Problem[] {
  const found: Problem[] = [];
  if (config.sshKey !== '' && !isAuthorizedKey(config.sshKey)) {
    found.push(invalid('sshKey', config.sshKey, 'ssh: no key found'));
  }
  const fault =
    config.additionalTrustBundle === '' ? undefined : findTrustBundleFault(config.additionalTrustBundle);
  if (fault !== undefined)
    found.push(invalidSecret('additionalTrustBundle', config.additionalTrustBundle, fault));
  if (!['Proxyonly', 'Always'].includes(config.additionalTrustBundlePolicy)) {
    found.push(
      invalid(
        'additionalTrustBundlePolicy',
        config.additionalTrustBundlePolicy,
        'supported values "Proxyonly", "Always"',
      ),
    );
  }
  return found;
}

function nameProblems(config: InstallConfig): Problem[] {
  const found: Problem[] = [];
  const { name } = config.metadata;
  if (name.length > LONGEST_CLUSTER_NAME) {
    found.push(invalid('metadata.name', name, `must be no more than ${LONGEST_CLUSTER_NAME} characters`));
  } else if (!isDnsSubdomain(name)) found.push(invalid('metadata.name', name, SUBDOMAIN_RULE));
  if (!isDnsSubdomain(config.baseDomain.replace(/\.$/, ''))) {
    found.push(invalid('baseDomain', config.baseDomain, SUBDOMAIN_RULE));
  }
  const domain = clusterDomainOf(config);
  if (found.length === 0 && domain.length > LONGEST_DOMAIN) {
    found.push(invalid('baseDomain', domain, `must be no more than ${LONGEST_DOMAIN} characters`));
  }
  return found;
}

function platformProblems(config: InstallConfig): Problem[] {
  const [active, ...others] = platformsOf(config);
  if (active === undefined) {
    const known = PLATFORMS.filter((name) => name !== 'ovirt').join(', ');
    return [invalid('platform', '', `must specify one of the platforms (${known})`)];
  }
  return others.map((other) =>
    invalid(
      'platform',
      active,
      `must only specify a single type of platform; cannot use both "${active}" and "${other}"`,
    ),
  );
}

function pullSecretProblems({ pullSecret }: InstallConfig): Problem[] {
  const fault = findPullSecretFault(pullSecret);
  return fault === undefined ? [] : [invalidSecret('pullSecret', pullSecret, fault)];
}

function publishProblems(config: InstallConfig): Problem[] {
  const [platform] = platformsOf(config);
  if (!['External', 'Internal', 'Mixed'].includes(config.publish)) {
    return [unsupported('publish', config.publish, ['External', 'Internal', 'Mixed'])];
  }
  if (platform !== 'none' || config.publish === 'External') return [];
  if (config.publish === 'Internal') {
    return [invalid('publish', 'Internal', 'Internal publish strategy is not supported on "none" platform')];
  }
  return [
    invalid('publish', 'Mixed', 'mixed publish strategy is not supported on "none" platform'),
    ...(config.operatorPublishingStrategy === undefined
      ? [
          invalid(
            'publish',
            'Mixed',
            'please specify the operator publishing strategy for mixed publish strategy',
          ),
        ]
      : []),
  ];
}

function featureProblems(config: InstallConfig): Problem[] {
  const found: Problem[] = [];
  const platform = platformsOf(config)[0] ?? 'none';
  if (config.credentialsMode !== '' && WITHOUT_CREDENTIALS.includes(platform)) {
    found.push(
      invalid(
        'credentialsMode',
        config.credentialsMode,
        `cannot be set when using the "${platform}" platform`,
      ),
    );
  }
  if (config.fips) {
    const detail =
      'target cluster is in FIPS mode, which needs keys of a FIPS-validated module; this program has none';
    found.push(forbidden('fips', detail));
  }
  if (!FEATURE_SETS.includes(config.featureSet)) {
    found.push(unsupported('featureSet', config.featureSet, FEATURE_SETS));
  }
  return found;
}
