import type { InstallConfig } from '#api/installConfig.ts';
import { type Problem, type Report, warning } from '#base/report.ts';
import { applyDefaults } from './defaults.ts';
import { invalid, required, tooMany, unsupported } from './fieldErrors.ts';
import { validateInstallConfig } from './installConfigRules.ts';
import { platformsOf } from './platformRules.ts';
import { upconvertInstallConfig, validateConversion } from './upconvert.ts';

/** One for each IP family. */
const MOST_MACHINE_NETWORKS = 2;

/** All rules for the install-config of a config ISO: the general ones and those of spec/installer/09.4. */
export function validateForConfigImage(config: InstallConfig): Report {
  const version = validateConversion(config);
  if (version.length > 0) return version;
  const defaulted = applyDefaults(upconvertInstallConfig(config));
  return [
    ...missingNetworking(config),
    ...validateInstallConfig(defaulted),
    ...singleNodeProblems(defaulted),
    ...ignoredFields(config),
  ];
}

/** Upstream crashes without it: the ISO takes its networks as they are written, before the defaults. */
const missingNetworking = ({ networking }: InstallConfig): Problem[] =>
  networking === undefined ? [required('networking', 'networking is required')] : [];

function singleNodeProblems(config: InstallConfig): Problem[] {
  const found: Problem[] = [];
  const [platform] = platformsOf(config);
  if (platform !== undefined && platform !== 'none') found.push(unsupported('Platform', platform, ['none']));
  if (config.featureSet !== '') found.push(unsupported('FeatureSet', config.featureSet, ['']));
  const controlPlanes = config.controlPlane?.replicas ?? 0;
  if (controlPlanes !== 1) {
    found.push(
      required(
        'ControlPlane.Replicas',
        `Only Single Node OpenShift (SNO) is supported, total number of ControlPlane.Replicas must be 1. Found ${controlPlanes}`,
      ),
    );
  }
  const workers = config.compute.reduce((sum, pool) => sum + (pool.replicas ?? 0), 0);
  if (workers !== 0) {
    found.push(
      required(
        'Compute.Replicas',
        `Total number of Compute.Replicas must be 0 when ControlPlane.Replicas is 1 for platform none. Found ${workers}`,
      ),
    );
  }
  const networkType = config.networking?.networkType ?? '';
  if (networkType !== 'OVNKubernetes') {
    const detail = 'Only OVNKubernetes network type is allowed for Single Node OpenShift (SNO) cluster';
    found.push(invalid('Networking.NetworkType', networkType, detail));
  }
  const networks = config.networking?.machineNetwork.length ?? 0;
  if (networks > MOST_MACHINE_NETWORKS) {
    found.push(tooMany('Networking.MachineNetwork', networks, MOST_MACHINE_NETWORKS));
  }
  return found;
}

/** Fields that a config ISO can't carry. The policy's line is upstream's wording, although its value is used. */
function ignoredFields(config: InstallConfig): Problem[] {
  const found: Problem[] = [];
  if (!['', 'Proxyonly'].includes(config.additionalTrustBundlePolicy)) {
    found.push(warning('AdditionalTrustBundlePolicy', `${config.additionalTrustBundlePolicy} is ignored`));
  }
  const pools = [
    ...config.compute.map((pool, i) => ({ path: `Compute[${i}]`, pool })),
    ...(config.controlPlane === undefined ? [] : [{ path: 'ControlPlane', pool: config.controlPlane }]),
  ];
  for (const { path, pool } of pools) {
    if (pool.hyperthreading === 'Disabled')
      found.push(warning(`${path}.Hyperthreading`, 'Disabled is ignored'));
    if (pool.platform !== undefined && Object.keys(pool.platform).length > 0) {
      found.push(warning('', `${path}.Platform is ignored`));
    }
  }
  return found;
}
