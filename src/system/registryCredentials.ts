import { Secret } from '#base/secret.ts';

interface AuthFile {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/** What an auth file (containers-auth.json(5)) has for a registry. */
export interface RegistryCredentials {
  /** `user:password` in base64, for the most particular entry that covers the repository. */
  basicFor(registry: string, repository: string): Secret<string> | undefined;
  /** Credentials that only another program can give. */
  needsHelper(registry: string): boolean;
}

export const NO_CREDENTIALS: RegistryCredentials = {
  basicFor: () => undefined,
  needsHelper: () => false,
};

/** Text that is no auth file counts as one without entries: the registry then says what is missing. */
export function parseCredentials(text: string): RegistryCredentials {
  const file = parseAuthFile(text);
  const entries = Object.entries(file.auths ?? {}).map(([key, { auth }]) => ({
    key: key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, ''),
    auth: auth ?? '',
  }));
  return {
    basicFor: (registry, repository) => {
      const name = `${registry === 'docker.io' ? 'index.docker.io' : registry}/${repository}`;
      const plain = `${registry}/${repository}`;
      const fits = ({ key }: { key: string }): boolean =>
        [name, plain].some((n) => n === key || n.startsWith(`${key}/`));
      const found = entries
        .filter((entry) => entry.auth !== '' && fits(entry))
        .sort((a, b) => b.key.length - a.key.length)[0];
      return found === undefined ? undefined : new Secret(found.auth);
    },
    needsHelper: (registry) => (file.credsStore ?? '') !== '' || file.credHelpers?.[registry] !== undefined,
  };
}

function parseAuthFile(text: string): AuthFile {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {}
  return {};
}
