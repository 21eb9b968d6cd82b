import type { ImageSource, InstallConfig } from '#api/installConfig.ts';
import { type Problem, warning } from '#base/report.ts';
import { invalid } from './fieldErrors.ts';

const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;

/** The rules for the deprecated `imageContentSources` (spec/installer/03.5, row 26). */
export const contentSourceProblems = ({ imageContentSources }: InstallConfig): Problem[] =>
  sourcesProblems('imageContentSources', imageContentSources);

/** The rules for `imageDigestSources`, and for both at once (spec/installer/03.5, row 28). */
export function digestSourceProblems(config: InstallConfig): Problem[] {
  const { imageContentSources, imageDigestSources } = config;
  const found = sourcesProblems('imageDigestSources', imageDigestSources);
  if (imageContentSources.length === 0) return found;
  found.push(warning('', 'imageContentSources is deprecated, please use ImageDigestSources'));
  if (imageDigestSources.length > 0) {
    const detail = 'cannot set imageContentSources and imageDigestSources at the same time';
    found.push(invalid('imageContentSources', config.publish, detail));
  }
  return found;
}

/** One problem for each source or mirror that is no repository. */
export const sourcesProblems = (path: string, sources: readonly ImageSource[]): Problem[] =>
  sources.flatMap(({ source, mirrors }, i) => [
    ...repositoryProblems(`${path}[${i}].source`, source),
    ...mirrors.flatMap((mirror, j) => repositoryProblems(`${path}[${i}].mirrors[${j}]`, mirror)),
  ]);

/** `host[:port]` alone, or a repository in the grammar of the distribution project; a tag or digest makes it an image. */
function repositoryProblems(path: string, repository: string): Problem[] {
  if (HOST.test(repository)) return [];
  const name = repository.replace(/@[a-z0-9]+:[0-9a-fA-F]+$/, '').replace(/:[\w][\w.-]{0,127}$/, '');
  const [first = '', ...rest] = name.split('/');
  const isHost = rest.length > 0 && /[.:]|^localhost$|[A-Z]/.test(first);
  const components = isHost ? rest : [first, ...rest];
  if ((isHost && !HOST.test(first)) || !components.every((component) => PATH_COMPONENT.test(component))) {
    return [invalid(path, repository, 'failed to parse: invalid reference format')];
  }
  return name === repository ? [] : [invalid(path, repository, 'must be repository--not reference')];
}
