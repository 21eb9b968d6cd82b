import type { InstallationPlan } from '#ibi/plan.ts';
import { renderBytes } from '#ibi/progress.ts';
import { renderTable } from './table.ts';

/** The answer of `lca-cli ibi --dry-run` for people. */
export function renderPlanText({ seed, disk, precache, warnings }: InstallationPlan): string {
  const made = disk.method === 'own-layout' ? 'laid out by this program' : 'written by coreos-installer';
  return [
    renderTable([
      ['seed image', seed.image],
      ['seed version', `${seed.version} for ${seed.architecture}, ${renderBytes(seed.bytes)}`],
      ['disk', `${disk.path} (${disk.configured}), ${renderBytes(disk.bytes)}, ${made}`],
    ]),
    disk.resumes
      ? '\nAn unfinished installation of the same seed is gone on with; nothing is removed.\n'
      : '',
    section(
      'Removed',
      disk.removed.map(({ path, type, bytes }) => [path, type, renderBytes(bytes)]),
    ),
    section(
      'Clean-up',
      disk.cleanUp.map((command) => [command]),
    ),
    section(
      'Partitions',
      disk.partitions.map(({ name, start, bytes }) => [name, `at ${renderBytes(start)}`, renderBytes(bytes)]),
    ),
    renderPrecache(precache),
    section(
      'Warnings',
      warnings.map((text) => [text]),
    ),
  ].join('');
}

function renderPrecache({ enabled, images, bytes = 0 }: InstallationPlan['precache']): string {
  if (!enabled) return '\nPrecaching is disabled.\n';
  if (images === undefined) return '\nImages to precache: known when the seed image is pulled.\n';
  const rows = images.map(({ name, bytes: size, fault }) => [
    name,
    size === undefined ? `can't be read: ${fault}` : renderBytes(size),
  ]);
  return section(`Images to precache: ${images.length}, ${renderBytes(bytes)}`, rows);
}

const section = (title: string, rows: readonly (readonly string[])[]): string =>
  rows.length === 0 ? '' : `\n${title}\n${renderTable(rows.map((row) => ['', ...row]))}`;
