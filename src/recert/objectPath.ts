/** The key without the storage prefix (`/kubernetes.io/secrets/a/b` -> `secrets/a/b`), as rules name it. */
export const objectPath = (key: string): string => key.slice(key.indexOf('/', 1) + 1);
