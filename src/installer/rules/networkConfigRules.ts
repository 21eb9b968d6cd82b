import { parseFieldPath, renderFieldPath } from '#api/fieldPath.ts';
import type { InstallConfig } from '#api/installConfig.ts';
import { findNearestName } from '#api/nearestName.ts';
import { type Problem, problem } from '#base/report.ts';
import { nmstateProblems } from '#formats/nmstate.ts';

/** The top of nmstate's schema. */
const NMSTATE_KEYS = ['dns-resolver', 'hostname', 'interfaces', 'ovn', 'ovs-db', 'route-rules', 'routes'];

/**
 * What can be known of an nmstate document without nmstatectl; the host's checks the rest. A misspelled section or an
 * address without a prefix would leave the host without a network, and nobody could log in to see why.
 */
export function networkConfigProblems(
  state: Readonly<Record<string, unknown>> | undefined,
  path: string,
): Problem[] {
  if (state === undefined) return [];
  const unknown = Object.keys(state).filter((key) => !NMSTATE_KEYS.includes(key));
  return [
    ...unknown.map((key) => {
      const meant = findNearestName(key, NMSTATE_KEYS);
      const guess = meant === undefined ? '' : `, did you mean "${meant}"?`;
      return problem(renderFieldPath([...parseFieldPath(path), key]), `unknown field${guess}`);
    }),
    ...nmstateProblems(state).map((found) => ({ ...found, path: `${path}.${found.path}` })),
  ];
}

/** The network of each bare metal host (spec/installer/03.5.3). */
export const hostNetworkProblems = ({ platform: { baremetal } }: InstallConfig): Problem[] =>
  (baremetal?.hosts ?? []).flatMap(({ networkConfig }, i) =>
    networkConfigProblems(networkConfig, `platform.baremetal.hosts[${i}].networkConfig`),
  );
