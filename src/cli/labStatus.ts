import colors from 'picocolors';
import type { LabStatus } from '#lab/machines.ts';
import { renderTable } from './table.ts';

/** The machines of a lab as a table, then what this machine holds for them. */
export function renderLabStatus(name: string, status: LabStatus, color: boolean): string {
  const paint = colors.createColors(color);
  const held = Object.entries(status.inventory)
    .filter(([, list]) => list.length > 0)
    .map(([kind, list]) => `${list.length} ${kind}`);
  const holds = held.length === 0 ? 'nothing is held for it' : `held for it: ${held.join(', ')}`;
  if (!status.exists) return `lab ${name} is down; ${holds}\n`;
  const rows = status.machines.map((machine) => [
    machine.name,
    machine.role,
    machine.driver,
    machine.address,
    `${machine.clusterName}.${machine.baseDomain}`,
    machine.running ? paint.green('running') : paint.red('off'),
    machine.api === 'ok' ? paint.green('ready') : machine.api,
  ]);
  const head = ['MACHINE', 'ROLE', 'DRIVER', 'ADDRESS', 'CLUSTER', 'STATE', 'API'];
  return `${renderTable([head, ...rows])}\n${holds}\n`;
}
