import type { InstallConfig } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { isGateOpen, parseGoBoolean } from './featureGates.ts';
import { forbidden, invalid, unsupported } from './fieldErrors.ts';

const FEATURE_SETS = ['', 'CustomNoUpgrade', 'DevPreviewNoUpgrade', 'TechPreviewNoUpgrade'];

/** Upstream crashes on a set that it doesn't know; the error is the one it means. */
export const featureSetProblems = ({ featureSet }: InstallConfig): Problem[] =>
  FEATURE_SETS.includes(featureSet) ? [] : [unsupported('featureSet', featureSet, FEATURE_SETS)];

export function featureGateProblems({ featureSet, featureGates }: InstallConfig): Problem[] {
  if (featureGates.length === 0) return [];
  if (featureSet !== 'CustomNoUpgrade') {
    return [forbidden('featureGates', 'featureGates can only be used with the CustomNoUpgrade feature set')];
  }
  const format = 'must match the format <feature-name>=<bool>';
  return featureGates.flatMap((gate, i) => {
    const [, value, ...more] = gate.split('=');
    if (value === undefined || more.length > 0) return [invalid(`featureGates[${i}]`, gate, format)];
    if (parseGoBoolean(value) !== undefined) return [];
    return [invalid(`featureGates[${i}]`, gate, `${format}, could not parse boolean value`)];
  });
}

/** The path is upstream's, although the field stands below `controlPlane` on every platform. */
export function fencingGateProblems(config: InstallConfig): Problem[] {
  if (config.controlPlane?.fencing === undefined || isGateOpen(config, 'DualReplica')) return [];
  const detail =
    'this field is protected by the DualReplica feature gate which must be enabled through either the TechPreviewNoUpgrade or CustomNoUpgrade feature set';
  return [forbidden('platform.none.fencingCredentials', detail)];
}
