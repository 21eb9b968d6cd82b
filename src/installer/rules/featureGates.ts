import type { InstallConfig } from '#api/installConfig.ts';

type FeatureGate = 'DualReplica' | 'HighlyAvailableArbiter' | 'ShortCertRotation';

/** Sets in which a gate is open without being named. */
const OPEN_IN: Readonly<Record<FeatureGate, readonly string[]>> = {
  DualReplica: ['DevPreviewNoUpgrade'],
  HighlyAvailableArbiter: ['DevPreviewNoUpgrade', 'TechPreviewNoUpgrade'],
  ShortCertRotation: [],
};

/** Whether the config opens a gate, by its feature set or one by one with `CustomNoUpgrade`. */
export function isGateOpen({ featureSet, featureGates }: InstallConfig, gate: FeatureGate): boolean {
  if (featureSet !== 'CustomNoUpgrade') return OPEN_IN[gate].includes(featureSet);
  const settings = featureGates.flatMap((setting) => {
    const [name, value = ''] = setting.split('=');
    return name === gate ? [parseGoBoolean(value)] : [];
  });
  return settings.at(-1) === true;
}

/** What Go's strconv.ParseBool takes for a truth value; undefined for anything else. */
export function parseGoBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined;
}
