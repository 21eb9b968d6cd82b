import type { InstallConfig } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { invalid, required } from './fieldErrors.ts';

/** What a single node that is its own bootstrap needs; other targets do not look (spec/installer/03.5.4). */
export function bootstrapInPlaceProblems({ controlPlane, bootstrapInPlace }: InstallConfig): Problem[] {
  const found: Problem[] = [];
  const replicas = controlPlane?.replicas ?? 0;
  if (replicas !== 1) {
    const detail = 'bootstrap in place requires a single ControlPlane replica';
    found.push(invalid('controlPlane.replicas', replicas, detail));
  }
  if (bootstrapInPlace === undefined) {
    const detail = 'bootstrapInPlace is required when creating a single node bootstrap-in-place ignition';
    found.push(required('bootstrapInPlace', detail));
  } else if (bootstrapInPlace.installationDisk === '') {
    const detail = 'installationDisk must be set the target disk drive for the installation';
    found.push(required('bootstrapInPlace.installationDisk', detail));
  }
  return found;
}
