import type { InstallConfig, MachinePool } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { duplicate, invalid, required, unsupported } from './fieldErrors.ts';

const HYPERTHREADING = ['Disabled', 'Enabled'];
const ARCHITECTURES = ['amd64', 'arm64', 'ppc64le', 's390x'];

/** The rules for `controlPlane` and `compute` that hold on every platform. */
export function machinePoolProblems(config: InstallConfig): Problem[] {
  const { controlPlane, compute } = config;
  if (controlPlane === undefined) return [required('controlPlane', 'controlPlane is required')];
  const found: Problem[] = [];
  if (controlPlane.replicas === 0) {
    found.push(invalid('controlPlane.replicas', 0, 'number of control plane replicas must be positive'));
  }
  found.push(...poolProblems('controlPlane', controlPlane));
  const names = new Set<string>();
  for (const [i, pool] of compute.entries()) {
    const path = `compute[${i}]`;
    if (pool.name === 'edge') found.push(unsupported(`${path}.name`, pool.name, ['worker']));
    else if (pool.name !== 'worker') found.push(unsupported(`${path}.name`, pool.name, ['worker', 'edge']));
    if (names.has(pool.name)) found.push(duplicate(`${path}.name`, pool.name));
    names.add(pool.name);
    if (pool.architecture !== controlPlane.architecture) {
      found.push(
        invalid(
          `${path}.architecture`,
          pool.architecture,
          'heteregeneous multi-arch is not supported; compute pool architecture must match control plane',
        ),
      );
    }
    found.push(...poolProblems(path, pool));
  }
  return found;
}

function poolProblems(path: string, pool: MachinePool): Problem[] {
  const found: Problem[] = [];
  if (pool.replicas === undefined) found.push(required(`${path}.replicas`, 'replicas is required'));
  else if (pool.replicas < 0) {
    found.push(invalid(`${path}.replicas`, pool.replicas, 'number of replicas must not be negative'));
  }
  if (!HYPERTHREADING.includes(pool.hyperthreading)) {
    found.push(unsupported(`${path}.hyperthreading`, pool.hyperthreading, HYPERTHREADING));
  }
  if (!ARCHITECTURES.includes(pool.architecture)) {
    found.push(unsupported(`${path}.architecture`, pool.architecture, ARCHITECTURES));
  }
  return found;
}
