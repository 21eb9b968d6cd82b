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

/** Gates that are set one by one, in the order in which they stand; a list without members is left out. */
export interface CustomFeatureGates {
  readonly enabled?: readonly string[];
  readonly disabled?: readonly string[];
}

/** The gates of the feature set `CustomNoUpgrade`; undefined with any other set, where none can be set. */
export function customFeatureGates({
  featureSet,
  featureGates,
}: Pick<InstallConfig, 'featureSet' | 'featureGates'>): CustomFeatureGates | undefined {
  if (featureSet !== 'CustomNoUpgrade') return undefined;
  const settings = featureGates.map((setting) => {
    const [name = '', value = ''] = setting.split('=');
    return { name, isOn: parseGoBoolean(value) === true };
  });
  const enabled = settings.filter(({ isOn }) => isOn).map(({ name }) => name);
  const disabled = settings.filter(({ isOn }) => !isOn).map(({ name }) => name);
  return { ...(enabled.length > 0 && { enabled }), ...(disabled.length > 0 && { disabled }) };
}
