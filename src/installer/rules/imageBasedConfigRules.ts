import { findIpFamily } from '#api/addresses.ts';
import { renderFieldPath } from '#api/fieldPath.ts';
import type { ImageBasedConfig } from '#api/imageBasedConfig.ts';
import { isDnsSubdomain, SUBDOMAIN_RULE } from '#api/names.ts';
import { findNearestName } from '#api/nearestName.ts';
import { type Problem, problem, type Report } from '#base/report.ts';
import { invalid } from './fieldErrors.ts';

/** The top of nmstate's schema. */
const NMSTATE_KEYS = ['dns-resolver', 'hostname', 'interfaces', 'ovn', 'ovs-db', 'route-rules', 'routes'];

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
  return [...found, ...networkConfigProblems(config.networkConfig ?? {})];
}

/** The host's nmstate checks the rest; a misspelled section would leave it without a network. */
export const networkConfigProblems = (state: Readonly<Record<string, unknown>>): Problem[] =>
  Object.keys(state)
    .filter((key) => !NMSTATE_KEYS.includes(key))
    .map((key) => {
      const meant = findNearestName(key, NMSTATE_KEYS);
      return problem(
        renderFieldPath(['networkConfig', key]),
        `unknown field${meant === undefined ? '' : `, did you mean "${meant}"?`}`,
      );
    });
