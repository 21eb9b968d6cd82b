import type { Capabilities, InstallConfig } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { CAPABILITIES, CAPABILITY_SETS, enabledCapabilities } from './capabilities.ts';
import { invalidDump, unsupported } from './fieldErrors.ts';

/** Sets and capabilities must be known ones. */
export function capabilityNameProblems({ capabilities }: InstallConfig): Problem[] {
  if (capabilities === undefined) return [];
  const { baselineCapabilitySet, additionalEnabledCapabilities } = capabilities;
  const isKnown = CAPABILITY_SETS.includes(baselineCapabilitySet);
  return [
    ...(isKnown
      ? []
      : [unsupported('capabilities.baselineCapabilitySet', baselineCapabilitySet, CAPABILITY_SETS)]),
    ...additionalEnabledCapabilities.flatMap((name, i) =>
      CAPABILITIES.includes(name)
        ? []
        : [unsupported(`capabilities.additionalEnabledCapabilities[${i}]`, name, CAPABILITIES)],
    ),
  ];
}

/** Capabilities that need another one, or that a platform can't do without. */
export function capabilityDependencyProblems({ capabilities, platform }: InstallConfig): Problem[] {
  if (capabilities === undefined) return [];
  const enabled = enabledCapabilities(capabilities);
  const found: Problem[] = [];
  const additional = (detail: string): Problem =>
    invalidDump(
      'additionalEnabledCapabilities',
      dumpList(capabilities.additionalEnabledCapabilities),
      detail,
    );
  const whole = (detail: string): Problem => invalidDump('capabilities', dump(capabilities), detail);
  if (enabled.has('marketplace') && !enabled.has('OperatorLifecycleManager')) {
    found.push(additional('the marketplace capability requires the OperatorLifecycleManager capability'));
  }
  if (platform.baremetal && capabilities.baselineCapabilitySet === 'None' && !enabled.has('baremetal')) {
    found.push(additional('platform baremetal requires the baremetal capability'));
  }
  const isHostPlatform = platform.none !== undefined || platform.baremetal !== undefined;
  if (!enabled.has('CloudCredential') && !isHostPlatform) {
    found.push(whole('disabling CloudCredential capability available only for baremetal platforms'));
  }
  if (!enabled.has('CloudControllerManager') && !isHostPlatform) {
    if (platform.external === undefined) {
      found.push(
        whole(
          'disabling CloudControllerManager is only supported on the Baremetal, None, or External platform with cloudControllerManager value none',
        ),
      );
    } else if (platform.external.cloudControllerManager === 'External') {
      found.push(
        whole(
          'disabling CloudControllerManager on External platform supported only with cloudControllerManager value none',
        ),
      );
    }
  }
  if (!enabled.has('Ingress')) found.push(whole('the Ingress capability is required'));
  return found;
}

/** Upstream prints values that have no text form as Go writes them in source. */
const dump = ({ baselineCapabilitySet, additionalEnabledCapabilities }: Capabilities): string =>
  `types.Capabilities{BaselineCapabilitySet:${JSON.stringify(baselineCapabilitySet)}, AdditionalEnabledCapabilities:${dumpList(additionalEnabledCapabilities)}}`;

const dumpList = (names: readonly string[]): string =>
  `[]v1.ClusterVersionCapability${names.length === 0 ? '(nil)' : `{${names.map((name) => JSON.stringify(name)).join(', ')}}`}`;
