import { type InstallConfig, type MachinePool, PLATFORMS, type PlatformName } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { invalid } from './fieldErrors.ts';

/** The platforms that stand below `platform`. */
export const platformsOf = ({ platform }: Pick<InstallConfig, 'platform'>): PlatformName[] =>
  PLATFORMS.filter((name) => platform[name] !== undefined);

/** The platform in use, `''` if there is none. */
export const platformNameOf = (config: Pick<InstallConfig, 'platform'>): PlatformName | '' =>
  platformsOf(config)[0] ?? '';

/** Exactly one platform. Upstream accepts `none` and `external` beside another one. */
export function platformProblems(config: InstallConfig): Problem[] {
  const [active, ...others] = platformsOf(config);
  if (active === undefined) {
    const known = PLATFORMS.filter((name) => name !== 'ovirt').join(', ');
    return [invalid('platform', '', `must specify one of the platforms (${known})`)];
  }
  return others.map((other) =>
    invalid(
      'platform',
      active,
      `must only specify a single type of platform; cannot use both "${active}" and "${other}"`,
    ),
  );
}

/** A pool has settings of the cluster's own platform only. */
export function poolPlatformProblems(config: InstallConfig, path: string, pool: MachinePool): Problem[] {
  const active = platformNameOf(config);
  const foreign = PLATFORMS.filter((name) => name !== active && pool.platform?.[name] !== undefined);
  return foreign.map((name) =>
    invalid(
      `${path}.platform.${name}`,
      name,
      `cannot specify "${name}" for machine pool when cluster is using "${active}"`,
    ),
  );
}
