interface Requirement {
  readonly type?: string;
}

interface Policy {
  readonly default?: readonly Requirement[];
  readonly transports?: Readonly<Record<string, Readonly<Record<string, readonly Requirement[]>>>>;
}

/** Where hosts say whose images they take (containers-policy.json(5)). */
export const SIGNATURE_POLICY = '/etc/containers/policy.json';

/**
 * Whether the host takes this repository's images only with a signature, or not at all. Then a program that checks
 * signatures has to fetch them. A text that can't be read counts as "yes": that program tells what is wrong with it.
 */
export function demandsSignature(policyText: string, registry: string, repository: string): boolean {
  let policy: Policy;
  try {
    policy = JSON.parse(policyText) as Policy;
  } catch {
    return true;
  }
  const scopes = policy.transports?.['docker'] ?? {};
  const found = scopesOf(registry, repository).find((scope) => scopes[scope] !== undefined);
  const requirements = found === undefined ? policy.default : scopes[found];
  return requirements?.some(({ type }) => type !== 'insecureAcceptAnything') ?? true;
}

/** The most particular first: the repository, what it lies below, its registry, the domains above, anything. */
function scopesOf(registry: string, repository: string): string[] {
  const steps = [registry, ...repository.split('/')];
  const paths = steps.map((_, dropped) => steps.slice(0, steps.length - dropped).join('/'));
  const labels = registry.replace(/:\d+$/, '').split('.');
  const domains = labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`);
  return [...paths, ...domains, ''];
}
