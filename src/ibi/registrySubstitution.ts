/** `host[:port]` of a pull spec: all before the first `/`. */
export const registryOf = (image: string): string => image.split('/')[0]!;

export interface Substitution {
  readonly target: string;
  readonly source: string;
}

/**
 * Puts one registry in the place of another. Unlike the original's unescaped regular expression this compares whole
 * path steps, so `a.test` matches neither `axtest/...` nor `a.test.org/...` (lifecycle-agent 20, D18).
 */
export function replaceRegistry(image: string, { target, source }: Substitution): string {
  if (target === '' || source === '' || target === source) return image;
  return image.startsWith(`${source}/`) ? target + image.slice(source.length) : image;
}

export interface OverrideFacts {
  /** Did the seed have mirrors configured. */
  readonly seedMirrorConfigured: boolean;
  readonly seedReleaseRegistry: string;
  /** Registries that this host has mirrors for. */
  readonly mirrorSources: readonly string[];
}

/** Whether the seed's release registry is to be replaced at all (lifecycle-agent 3.7). */
export function shouldOverrideRegistry(facts: OverrideFacts): boolean {
  if (facts.mirrorSources.length === 0) return facts.seedMirrorConfigured;
  return !facts.mirrorSources.includes(facts.seedReleaseRegistry);
}

/** The images to pull: blank lines dropped, each once, with the release registry replaced where it has to be. */
export function planImages(list: string, substitution: Substitution | undefined): string[] {
  const images = list
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const replaced = substitution ? images.map((image) => replaceRegistry(image, substitution)) : images;
  return [...new Set(replaced)];
}
