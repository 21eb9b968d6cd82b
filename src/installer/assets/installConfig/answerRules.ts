import { stringify } from 'yaml';
import { errorsOf, type Problem } from '#base/report.ts';
import type { Mapping } from '../../interview.ts';
import { readInstallConfig } from '../../rules/readInstallConfig.ts';

/**
 * What the rules of the install-config say of one answer: they run on a draft that holds the answer, and what they say
 * of other places is passed over.
 */
export function findFault(draft: Mapping, ...paths: readonly string[]): string | undefined {
  const text = stringify({ apiVersion: 'v1', ...draft });
  const { report } = readInstallConfig(text, { unknownKeys: 'error', isAgent: false });
  const isAbout = ({ path }: Problem): boolean =>
    paths.some((place) => path === place || path.startsWith(`${place}[`) || path.startsWith(`${place}.`));
  return errorsOf(report).find(isAbout)?.message;
}
