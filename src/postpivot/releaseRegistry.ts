/** Registry of a pull spec: the text before the first slash. */
export const registryOf = (pullSpec: string): string => pullSpec.split('/')[0]!;

/** The pull spec in another registry. The original's replacement is an unescaped regular expression (20, D18). */
export const withRegistry = (pullSpec: string, registry: string): string =>
  `${registry}${pullSpec.slice(registryOf(pullSpec).length)}`;

export interface RegistryFacts {
  readonly seedRegistry: string;
  readonly targetRegistry: string;
  readonly seedMirrorConfigured: boolean;
  /** Registries that the cluster's mirror objects redirect. */
  readonly mirrorSources: readonly string[];
}

/** True if the cluster-version operator must be pointed at the target's registry (lifecycle-agent 3.7 and 11.1, 19e). */
export function mustReplaceRegistry(facts: RegistryFacts): boolean {
  const { seedRegistry, targetRegistry, seedMirrorConfigured, mirrorSources } = facts;
  if (targetRegistry === '' || targetRegistry === seedRegistry) return false;
  return mirrorSources.length === 0 ? seedMirrorConfigured : !mirrorSources.includes(seedRegistry);
}
