import type { RegistryEndpoint, RegistryEntry } from '#formats/registriesConf.ts';
import { registryOf } from './registrySubstitution.ts';

/** containerd's form of what registries.conf says. */
export interface RegistryHosts {
  /** Registry -> text of `<registry>/hosts.toml`. */
  readonly files: Readonly<Record<string, string>>;
  /** Mirrors that containerd can't express, as `location -> mirror`. */
  readonly unsupported: readonly string[];
}

/**
 * containerd maps whole registries, registries.conf repository prefixes too: a mirror below a path works where the
 * path of the location is kept at its end (`a.test/ocp` -> `m.test/copy/ocp`).
 */
export function renderRegistryHosts(entries: readonly RegistryEntry[]): RegistryHosts {
  const sections = new Map<string, string[]>();
  const unsupported: string[] = [];
  for (const entry of entries) {
    const registry = registryOf(entry.prefix);
    const own = sections.get(registry) ?? [];
    // containerd asks the registry itself last of all, with checked TLS, whatever stands in the file.
    const isItself = entry.location === entry.prefix && !entry.insecure;
    for (const mirror of isItself ? entry.mirrors : [...entry.mirrors, entry]) {
      const section = renderMirror(entry, mirror);
      if (section === undefined) unsupported.push(`${entry.prefix} -> ${mirror.location}`);
      else own.push(section);
    }
    sections.set(registry, own);
  }
  const files = [...sections].map(([registry, own]) => [registry, own.join('\n')] as const);
  return { files: Object.fromEntries(files), unsupported };
}

function renderMirror(entry: RegistryEntry, mirror: RegistryEndpoint): string | undefined {
  const kept = entry.prefix.slice(registryOf(entry.prefix).length);
  const path = mirror.location.slice(registryOf(mirror.location).length);
  if (!path.endsWith(kept)) return undefined;
  return renderHost(mirror, path.slice(0, path.length - kept.length));
}

/** `insecure` means unverified TLS or no TLS: containerd is told both and takes the first that answers. */
function renderHost({ location, insecure }: RegistryEndpoint, prefix: string): string {
  const schemes = insecure ? ['https', 'http'] : ['https'];
  const base = `${registryOf(location)}${prefix === '' ? '' : `/v2${prefix}`}`;
  return schemes
    .map((scheme) =>
      [
        `[host."${scheme}://${base}"]`,
        '  capabilities = ["pull", "resolve"]',
        ...(insecure && scheme === 'https' ? ['  skip_verify = true'] : []),
        ...(prefix === '' ? [] : ['  override_path = true']),
        '',
      ].join('\n'),
    )
    .join('');
}
