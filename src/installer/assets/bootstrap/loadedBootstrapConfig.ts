import { posix } from 'node:path';
import { Failure } from '#base/failure.ts';
import { error, type Logger, warn } from '#base/logger.ts';
import { type AssetSource, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { certificatesOfIgnition } from '../../certificateExpiry.ts';
import { jsonSyntaxProblems } from '../../jsonSyntax.ts';
import { renderSeconds } from '../../rfc3339.ts';

/** An Ignition config for a whole machine, as it is written. */
export interface BootstrapConfigValue {
  readonly File: StateFileEntry;
}

/**
 * Takes the file that is in the target directory, which a person may have edited. With certificates that have expired
 * it is refused: the machine would come up and no cluster with it (spec/installer/02.6).
 */
export const loadedBootstrapConfig = (path: string): AssetSource<BootstrapConfigValue> => ({
  path,
  parse([file], { now, logger }) {
    const text = file!.content.toString('utf8');
    refuseUnreadable(text, path);
    refuseExpired(text, now, logger);
    return { value: { File: stateFileEntry(path, file!.content) }, warnings: [] };
  },
});

/** Its text holds keys and is not quoted; what else stands in it is Ignition's business. */
function refuseUnreadable(text: string, path: string): void {
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null && 'ignition' in config) return;
  } catch {
    // As below.
  }
  throw new Failure({
    code: 'installer/ignition-unusable',
    message: `failed to unmarshal ${path}: it is no Ignition config`,
    hint: `correct ${path}, or remove it: a new one is generated`,
    facts: { problems: jsonSyntaxProblems(text).map((found) => ({ ...found, file: path })) },
  });
}

function refuseExpired(text: string, now: Date, logger: Logger): void {
  const expired = certificatesOfIgnition(text).filter(({ validUntil }) => validUntil < now);
  if (expired.length === 0) return;
  for (const { path, validUntil } of expired) {
    const name = posix.basename(path);
    error(logger, `Bootstrap Ignition-Config Certificate ${name} expired at ${renderSeconds(validUntil)}.`);
  }
  warn(logger, 'Please regenerate ignition configuration files in a new directory.');
  throw new Failure({
    code: 'installer/ignition-expired',
    message: `${expired.length} certificates expired`,
    hint: 'create the Ignition configs in another directory, from the install-config.yaml that you kept',
  });
}
