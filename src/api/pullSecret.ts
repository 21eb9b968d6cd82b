/**
 * Why the text is no pull secret, or undefined if it is one. Upstream prints the whole secret with the fault; the text
 * here never holds any of it but registry names.
 */
export function findPullSecretFault(secret: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(secret);
  } catch {
    return secret.trim() === '' ? 'unexpected end of JSON input' : 'is not valid JSON';
  }
  const auths = isObject(value) ? value['auths'] : undefined;
  if (!isObject(auths) || Object.keys(auths).length === 0) return 'auths required';
  for (const [registry, entry] of Object.entries(auths)) {
    const has = (key: string): boolean =>
      isObject(entry) && typeof entry[key] === 'string' && entry[key] !== '';
    if (!has('auth') && !has('credsStore')) return `"${registry}" requires either auth or credsStore`;
  }
  return undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
