import { RELEASE } from '#installer/release.ts';
import { findOutputForm } from './outputForm.ts';
import { VERSION } from './version.ts';

/** tools/build.ts puts the commit in; from a source checkout it is not known. */
declare const SOWER_COMMIT: string | undefined;

/**
 * What `version` prints: the original's lines (spec/installer/01.4), of which scripts read the release, and our own
 * version after them; or the same as a JSON or YAML object.
 *
 * @throws Failure cli/unknown-output
 */
export async function renderVersion(form: string): Promise<string> {
  const commit = typeof SOWER_COMMIT === 'undefined' ? '' : SOWER_COMMIT;
  const facts = {
    version: RELEASE.version,
    ...(commit !== '' && { commit }),
    releaseImage: RELEASE.image,
    releaseArchitecture: RELEASE.architecture,
    sower: VERSION,
  };
  switch (findOutputForm(form, ['text', 'json', 'yaml'])) {
    case 'text':
      return [
        `openshift-install ${facts.version}`,
        ...(commit === '' ? [] : [`built from commit ${commit}`]),
        `release image ${facts.releaseImage}`,
        `release architecture ${facts.releaseArchitecture}`,
        `sower ${facts.sower}`,
        '',
      ].join('\n');
    case 'json':
      return `${JSON.stringify(facts, null, 2)}\n`;
    case 'yaml':
      return (await import('yaml')).stringify(facts, { version: '1.1' });
  }
}
