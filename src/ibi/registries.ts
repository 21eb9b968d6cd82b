import { warn } from '#base/logger.ts';
import { parseRegistriesConf, type RegistryEntry } from '#formats/registriesConf.ts';
import { NO_CREDENTIALS, parseCredentials } from '#system/registryCredentials.ts';
import type { RegistryClientOptions } from '#system/remoteImages.ts';
import type { IbiContext } from './context.ts';

const REGISTRIES_CONF = '/etc/containers/registries.conf';
const DROP_INS = '/etc/containers/registries.conf.d';

/** Mirrors of the live system; of several entries for one prefix the last file's counts. A missing file is fine. */
export async function readRegistries({ host, paths }: IbiContext): Promise<RegistryEntry[]> {
  const { files } = host;
  const own = paths.registriesConf;
  const dropIns = own === undefined && (await files.exists(DROP_INS)) ? await files.list(DROP_INS) : [];
  const names = dropIns.filter((name) => name.endsWith('.conf')).map((name) => `${DROP_INS}/${name}`);
  const byPrefix = new Map<string, RegistryEntry>();
  for (const path of [own ?? REGISTRIES_CONF, ...names]) {
    const text = (await files.readIfExists(path))?.toString('utf8') ?? '';
    for (const entry of parseRegistriesConf(text)) byPrefix.set(entry.prefix, entry);
  }
  return [...byPrefix.values()];
}

/** How this installation asks registries. */
export async function registryClient(context: IbiContext): Promise<RegistryClientOptions> {
  const { host, options, paths, env, architecture, logger } = context;
  const auth = await host.files.readIfExists(paths.authfile);
  return {
    credentials: auth === undefined ? NO_CREDENTIALS : parseCredentials(auth.toString('utf8')),
    registries: await readRegistries(context),
    env,
    architecture,
    idleSeconds: options.registryTimeoutSeconds,
    retries: {
      attempts: options.registryAttempts,
      firstPauseSeconds: 1,
      onRetry: (reason, pause) => warn(logger, `${reason}; trying again in ${pause} s`),
    },
  };
}
