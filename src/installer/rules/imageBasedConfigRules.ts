import { findIpFamily } from '#api/addresses.ts';
import type { ImageBasedConfig } from '#api/imageBasedConfig.ts';
import { isDnsSubdomain, SUBDOMAIN_RULE } from '#api/names.ts';
import type { Problem, Report } from '#base/report.ts';
import { invalid } from './fieldErrors.ts';
import { networkConfigProblems } from './networkConfigRules.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The rules for `image-based-config.yaml` (spec/installer/09.3), and what the host would refuse after it has booted:
 * better here than there.
 */
export function validateImageBasedConfig(config: ImageBasedConfig): Report {
  const found: Problem[] = config.additionalNTPSources
    .filter((source) => findIpFamily(source) === undefined && !isDnsSubdomain(source))
    .map((source) => invalid('AdditionalNTPSources', source, 'NTP server is not a valid IP or domain name'));
  if (config.hostname === 'localhost') {
    found.push(invalid('hostname', config.hostname, 'can not be a node name'));
  } else if (config.hostname !== '' && !isDnsSubdomain(config.hostname)) {
    found.push(invalid('hostname', config.hostname, SUBDOMAIN_RULE));
  }
  if (config.cluster_id !== '' && !UUID.test(config.cluster_id)) {
    found.push(invalid('cluster_id', config.cluster_id, 'must be a UUID'));
  }
  if (config.infra_id !== '' && !isDnsSubdomain(config.infra_id)) {
    found.push(invalid('infra_id', config.infra_id, SUBDOMAIN_RULE));
  }
  return [...found, ...networkConfigProblems(config.networkConfig, 'networkConfig')];
}
