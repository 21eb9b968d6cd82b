import { Failure } from '#base/failure.ts';
import type { RegistryEntry } from '#formats/registriesConf.ts';

/** A pull spec, taken apart. */
export interface ImageReference {
  /** `host[:port]` */
  readonly registry: string;
  readonly repository: string;
  /** What a registry finds the manifest by: a digest, or else a tag. */
  readonly version: string;
}

/** Where an image can be fetched. */
export interface RegistryPlace {
  readonly registry: string;
  readonly repository: string;
  /** Unverified TLS and plain HTTP are allowed. */
  readonly insecure: boolean;
}

const DOCKER_HUB = 'docker.io';
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Failure `system/pull-spec-invalid` for what no registry could have. A name without a registry is Docker's. */
export function parseImageReference(spec: string): ImageReference {
  const [name = '', digest] = spec.split('@');
  const tag = /:([\w][\w.-]{0,127})$/.exec(name)?.[1];
  const path = tag === undefined ? name : name.slice(0, -tag.length - 1);
  const [first = '', ...rest] = path.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = hasRegistry ? first : DOCKER_HUB;
  const own = hasRegistry ? rest.join('/') : path;
  const repository = registry === DOCKER_HUB && !own.includes('/') ? `library/${own}` : own;
  const isDigest = digest === undefined || DIGEST.test(digest);
  if (isDigest && /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/.test(repository) && /^[\w.:[\]-]+$/.test(registry)) {
    return { registry, repository, version: digest ?? tag ?? 'latest' };
  }
  throw new Failure({
    code: 'system/pull-spec-invalid',
    message: `"${spec}" is not the name of an image`,
    hint: 'write registry/repository:tag or registry/repository@sha256:digest',
  });
}

export const isDigestReference = ({ version }: ImageReference): boolean => DIGEST.test(version);

/** The places that registries.conf gives for an image, mirrors first, in the order in which they are to be tried. */
export function findPlaces(reference: ImageReference, entries: readonly RegistryEntry[]): RegistryPlace[] {
  const name = `${reference.registry}/${reference.repository}`;
  const entry = entries
    .filter(({ prefix }) => matchedLength(name, prefix) > 0)
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
  if (entry === undefined) return [placeOf(name, false)];
  if (entry.blocked) {
    throw new Failure({
      code: 'system/registry-blocked',
      message: `registries.conf blocks ${entry.prefix}`,
      hint: 'name the image in another registry, or take "blocked" out of registries.conf',
    });
  }
  const rest = name.slice(matchedLength(name, entry.prefix));
  // A location without a prefix of its own stays as it is where the prefix has a wildcard.
  const itself = entry.prefix.startsWith('*.') ? placeOf(name, entry.insecure) : undefined;
  const mirrors = entry.mirrorByDigestOnly && !isDigestReference(reference) ? [] : entry.mirrors;
  return [
    ...mirrors.map((mirror) => placeOf(mirror.location + rest, mirror.insecure)),
    itself ?? placeOf(entry.location + rest, entry.insecure),
  ];
}

/** Characters of the name that the prefix stands for; `*.example.org` covers the whole registry of each subdomain. */
function matchedLength(name: string, prefix: string): number {
  if (prefix.startsWith('*.')) {
    const host = name.split('/')[0]!;
    return host.replace(/:\d+$/, '').endsWith(prefix.slice(1)) ? host.length : 0;
  }
  return name === prefix || name.startsWith(`${prefix}/`) ? prefix.length : 0;
}

function placeOf(name: string, insecure: boolean): RegistryPlace {
  const slash = name.indexOf('/');
  return { registry: name.slice(0, slash), repository: name.slice(slash + 1), insecure };
}
