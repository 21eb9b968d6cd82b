import type { InstallConfig, MachinePool } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import type { Installation } from './bareMetalRules.ts';
import { duplicate, invalid, invalidDump, required, unsupported } from './fieldErrors.ts';
import { poolPlatformProblems } from './platformRules.ts';

const HYPERTHREADING = ['Disabled', 'Enabled'];
const ARCHITECTURES = ['amd64', 'arm64', 'ppc64le', 's390x'];

/** The rules for `controlPlane`; its name is the defaults' (spec/installer/03.5, row 19). */
export function controlPlaneProblems(config: InstallConfig): Problem[] {
  const { controlPlane } = config;
  if (controlPlane === undefined) return [required('controlPlane', 'controlPlane is required')];
  const found: Problem[] = [];
  if (controlPlane.replicas === 0) {
    found.push(invalid('controlPlane.replicas', 0, 'number of control plane replicas must be positive'));
  }
  return [...found, ...poolProblems(config, 'controlPlane', controlPlane)];
}

/** The rules for `compute` (spec/installer/03.5, row 22). */
export function computeProblems(config: InstallConfig): Problem[] {
  const { controlPlane, compute } = config;
  const found: Problem[] = [];
  const names = new Set<string>();
  for (const [i, pool] of compute.entries()) {
    const path = `compute[${i}]`;
    if (pool.name === 'edge') found.push(unsupported(`${path}.name`, pool.name, ['worker']));
    else if (pool.name !== 'worker') found.push(unsupported(`${path}.name`, pool.name, ['worker', 'edge']));
    if (names.has(pool.name)) found.push(duplicate(`${path}.name`, pool.name));
    names.add(pool.name);
    if (controlPlane !== undefined && pool.architecture !== controlPlane.architecture) {
      found.push(
        invalid(
          `${path}.architecture`,
          pool.architecture,
          'heteregeneous multi-arch is not supported; compute pool architecture must match control plane',
        ),
      );
    }
    if (pool.fencing !== undefined) {
      // Upstream prints the passwords in it.
      found.push(invalidDump(`${path}.fencing`, '"<redacted>"', 'fencing is only valid for control plane'));
    }
    found.push(...poolProblems(config, path, pool));
  }
  return found;
}

/** Every pool must be in a release payload that has one architecture only (spec/installer/03.5, row 23). */
export function releaseArchitectureProblems(
  { controlPlane, compute }: InstallConfig,
  { releaseArchitecture }: Installation,
): Problem[] {
  if (releaseArchitecture === undefined) return [];
  const pools = [
    ...(controlPlane === undefined
      ? []
      : [{ path: 'controlPlane', kind: 'controlPlane', pool: controlPlane }]),
    ...compute.map((pool, i) => ({ path: `compute[${i}]`, kind: 'compute', pool })),
  ];
  return pools
    .filter(({ pool }) => pool.architecture !== releaseArchitecture)
    .map(({ path, kind, pool: { architecture } }) => {
      const detail = `cannot create ${architecture} ${kind} node from a single architecture ${releaseArchitecture} release payload`;
      return invalid(`${path}.architecture`, architecture, detail);
    });
}

/** The rules for any pool. */
export function poolProblems(config: InstallConfig, path: string, pool: MachinePool): Problem[] {
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
  return [...found, ...poolPlatformProblems(config, path, pool)];
}
