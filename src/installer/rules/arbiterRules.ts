import type { InstallConfig } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { isGateOpen } from './featureGates.ts';
import { forbidden, invalid, unsupported } from './fieldErrors.ts';
import { poolProblems } from './machinePoolRules.ts';
import { platformNameOf } from './platformRules.ts';

const FEWEST_CONTROL_PLANES = 2;

/** An arbiter votes in etcd beside two control planes, and only on bare metal (spec/installer/03.5, row 21). */
export function arbiterProblems(config: InstallConfig): Problem[] {
  const { arbiter, controlPlane } = config;
  if (arbiter === undefined) return [];
  if (!isGateOpen(config, 'HighlyAvailableArbiter')) {
    const detail =
      'HighlyAvailableArbiter feature must be enabled in order to use arbiter cluster deployment';
    return [forbidden('arbiter', detail)];
  }
  const found: Problem[] = [];
  const platform = platformNameOf(config);
  if (platform !== 'baremetal') found.push(unsupported('arbiter.platform', platform, ['baremetal']));
  if (arbiter.replicas === 0) {
    found.push(invalid('arbiter.replicas', 0, 'number of arbiter replicas must be positive'));
  }
  const controlPlanes = controlPlane?.replicas ?? 0;
  if (controlPlanes < FEWEST_CONTROL_PLANES) {
    const detail = 'number of controlPlane replicas must be at least 2 for arbiter deployments';
    found.push(invalid('arbiter.replicas', controlPlanes, detail));
  }
  return [...found, ...poolProblems(config, 'arbiter', arbiter)];
}
