import type { Capabilities } from '#api/installConfig.ts';

/** What each version added; a set holds everything up to its version (spec/installer/03.6). */
const ADDED: readonly { readonly set: string; readonly names: readonly string[] }[] = [
  { set: 'None', names: [] },
  { set: 'v4.11', names: ['baremetal', 'marketplace', 'openshift-samples', 'MachineAPI'] },
  { set: 'v4.12', names: ['Console', 'Insights', 'Storage', 'CSISnapshot'] },
  { set: 'v4.13', names: ['NodeTuning'] },
  { set: 'v4.14', names: ['Build', 'DeploymentConfig', 'ImageRegistry'] },
  { set: 'v4.15', names: ['OperatorLifecycleManager', 'CloudCredential'] },
  { set: 'v4.16', names: ['Ingress', 'CloudControllerManager'] },
  { set: 'v4.17', names: [] },
  { set: 'v4.18', names: ['OperatorLifecycleManagerV1'] },
  { set: 'vCurrent', names: [] },
];

export const CAPABILITY_SETS: readonly string[] = ADDED.map(({ set }) => set);
/** In the order of Go's sorting, upper case first. */
export const CAPABILITIES: readonly string[] = ADDED.flatMap(({ names }) => names).toSorted((a, b) =>
  a < b ? -1 : 1,
);

/** Everything that a cluster with these settings has; without any settings it has all. An unknown set is empty. */
export function enabledCapabilities(capabilities: Capabilities | undefined): ReadonlySet<string> {
  if (capabilities === undefined) return new Set(CAPABILITIES);
  const upTo = CAPABILITY_SETS.indexOf(capabilities.baselineCapabilitySet);
  const baseline = ADDED.slice(0, upTo + 1).flatMap(({ names }) => names);
  return new Set([...baseline, ...capabilities.additionalEnabledCapabilities]);
}
