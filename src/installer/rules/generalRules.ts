import type { InstallConfig } from '#api/installConfig.ts';
import { isDnsSubdomain, SUBDOMAIN_RULE } from '#api/names.ts';
import { findPullSecretFault } from '#api/pullSecret.ts';
import type { Problem } from '#base/report.ts';
import { forbidden, invalid, invalidSecret } from './fieldErrors.ts';
import { platformNameOf } from './platformRules.ts';
import { authorizedKeyType, isAuthorizedKey } from './sshKey.ts';
import { findTrustBundleFault } from './trustBundle.ts';

const LONGEST_CLUSTER_NAME = 54;
const LONGEST_DOMAIN = 253;
/** Platforms whose resource names can't hold the dots of a cluster name. */
const WITHOUT_DOTS = ['baremetal', 'nutanix', 'openstack', 'vsphere'];
/** Platforms that do not hand out cloud credentials. */
const WITHOUT_CREDENTIALS = ['none', 'baremetal', 'external'];
const FIPS_KEY_TYPE = /^(?:ssh-rsa|ecdsa-sha2-nistp\d{3})$/;

/** `<cluster name>.<base domain>` */
export const clusterDomainOf = ({ metadata, baseDomain }: InstallConfig): string =>
  `${metadata.name}.${baseDomain.replace(/\.$/, '')}`;

export function sshKeyProblems({ sshKey, fips }: InstallConfig): Problem[] {
  if (sshKey === '') return [];
  if (!fips) return isAuthorizedKey(sshKey) ? [] : [invalid('sshKey', sshKey, 'ssh: no key found')];
  const type = authorizedKeyType(sshKey);
  if (type === undefined) {
    const detail = 'Fatal error trying to parse configured public key: ssh: no key found';
    return [invalid('sshKey', sshKey, detail)];
  }
  if (FIPS_KEY_TYPE.test(type)) return [];
  const detail = `SSH key type ${type} unavailable when FIPS is enabled. Please use rsa or ecdsa.`;
  return [invalid('sshKey', sshKey, detail)];
}

export function fipsProblems({ fips }: InstallConfig): Problem[] {
  if (!fips) return [];
  const detail =
    'target cluster is in FIPS mode, which needs keys of a FIPS-validated module; this program has none';
  return [forbidden('fips', detail)];
}

export function trustBundleProblems({ additionalTrustBundle }: InstallConfig): Problem[] {
  const fault = additionalTrustBundle === '' ? undefined : findTrustBundleFault(additionalTrustBundle);
  return fault === undefined ? [] : [invalidSecret('additionalTrustBundle', additionalTrustBundle, fault)];
}

export function trustBundlePolicyProblems({ additionalTrustBundlePolicy: policy }: InstallConfig): Problem[] {
  if (['Proxyonly', 'Always'].includes(policy)) return [];
  return [invalid('additionalTrustBundlePolicy', policy, 'supported values "Proxyonly", "Always"')];
}

/** Cluster name, base domain, and what they make together. */
export function nameProblems(config: InstallConfig): Problem[] {
  const found: Problem[] = [];
  const { name } = config.metadata;
  if (name.length > LONGEST_CLUSTER_NAME) {
    found.push(invalid('metadata.name', name, `must be no more than ${LONGEST_CLUSTER_NAME} characters`));
  } else if (!isDnsSubdomain(name)) found.push(invalid('metadata.name', name, SUBDOMAIN_RULE));
  else if (name.includes('.') && WITHOUT_DOTS.includes(platformNameOf(config))) {
    found.push(invalid('metadata.name', name, "cluster name must not contain '.'"));
  }
  if (!isDnsSubdomain(config.baseDomain.replace(/\.$/, ''))) {
    found.push(invalid('baseDomain', config.baseDomain, SUBDOMAIN_RULE));
  }
  const domain = clusterDomainOf(config);
  if (found.length === 0 && domain.length > LONGEST_DOMAIN) {
    found.push(invalid('baseDomain', domain, `must be no more than ${LONGEST_DOMAIN} characters`));
  }
  return found;
}

export function pullSecretProblems({ pullSecret }: InstallConfig): Problem[] {
  const fault = findPullSecretFault(pullSecret);
  return fault === undefined ? [] : [invalidSecret('pullSecret', pullSecret, fault)];
}

export function credentialsModeProblems(config: InstallConfig): Problem[] {
  const { credentialsMode } = config;
  const platform = platformNameOf(config);
  if (credentialsMode === '' || !WITHOUT_CREDENTIALS.includes(platform)) return [];
  const detail = `cannot be set when using the "${platform}" platform`;
  return [invalid('credentialsMode', credentialsMode, detail)];
}
