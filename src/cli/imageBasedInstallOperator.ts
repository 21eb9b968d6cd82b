import type { Io } from './io.ts';

/** The operator's story is not part of this release; the name exists so that a package can already ship the link. */
export async function operatorMain(_argv: readonly string[], io: Io): Promise<number> {
  io.stderr.write(
    'image-based-install-operator: this program is not part of this release of Sower.\n' +
      'Create the configuration ISO with "openshift-install image-based create config-image" and attach it to the host by hand.\n',
  );
  return 1;
}
