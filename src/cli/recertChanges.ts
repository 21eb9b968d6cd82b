import type { Change } from '#recert/changes.ts';
import { renderTable } from './table.ts';

const SHOWN = 12;

/** What a dry run found out, for people: every object and file with its values, old and new fingerprint. */
export function renderChanges(changes: readonly Change[]): string {
  const byTarget = Map.groupBy(changes, ({ target }) => target);
  const blocks = [...byTarget].map(([target, found]) => {
    const renamed = found.find(({ renamedTo }) => renamedTo !== undefined)?.renamedTo;
    const title = renamed === undefined ? target : `${target} -> ${renamed}`;
    return `${title}\n${renderTable(found.map(rowOf))}`;
  });
  const end = `${changes.length} changes in ${byTarget.size} objects and files; nothing was written\n`;
  return `\n${blocks.join('\n')}\n${end}`;
}

const rowOf = ({ rule, field, old, new: fresh, what = '' }: Change): string[] => [
  `  ${rule}`,
  field,
  `${short(old)} -> ${short(fresh)}`,
  what,
];

const short = (fingerprint: string | null): string => (fingerprint ?? 'nothing').slice(0, SHOWN);
