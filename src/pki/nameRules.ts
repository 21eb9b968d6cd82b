import type { AltName } from './extensions.ts';
import { ipOctets } from './ipAddress.ts';

/** Replaces a common name or subject alternative name; always the whole value, never a part of it. */
export interface NameRule {
  readonly old: string;
  readonly new: string;
}

/** The last matching rule wins, as in recert. */
const lastMatch = (rules: readonly NameRule[], value: string): string =>
  rules.findLast((rule) => rule.old === value)?.new ?? value;

export const renameCommonName = lastMatch;

/**
 * Names are compared as text; addresses by value, and only with rules that are addresses on both sides, of which the
 * first counts. Gives the same object back where no rule applies.
 */
export function renameAltName(rules: readonly NameRule[], name: AltName): AltName {
  if (name.type === 'other') return name;
  const octets = name.type === 'ip' ? ipOctets(name.value) : undefined;
  const value =
    octets === undefined
      ? lastMatch(rules, name.value)
      : (rules.find((rule) => ipOctets(rule.old)?.equals(octets) && ipOctets(rule.new))?.new ?? name.value);
  return value === name.value ? name : { type: name.type, value };
}
