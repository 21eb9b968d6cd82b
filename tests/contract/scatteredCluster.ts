import { gzipSync } from 'node:zlib';
import { configMapObject, makeCluster, secretObject, type TestCluster } from '#recert/testing.ts';

/** A generator of numbers in [0, 1) that a seed repeats (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const rewrapped = (text: string, width: number, eol: string): string =>
  text.replace(/(-----BEGIN [^-]+-----)([^-]+)(-----END [^-]+-----)/g, (_, begin, body: string, end) => {
    const run = body.replace(/\s/g, '');
    const lines = width === 0 ? [run] : (run.match(new RegExp(`.{1,${width}}`, 'g')) ?? []);
    return [begin, ...lines, end].join(eol);
  });

type TextWrapping = (text: string) => string;

/** Ways in which people and programs write PEM. */
const LAYOUTS: readonly TextWrapping[] = [
  (text) => text,
  (text) => `# kept by hand\n\n${text}\ntrailing words`,
  (text) => rewrapped(text, 76, '\n'),
  (text) => rewrapped(text, 0, '\n'),
  (text) => rewrapped(text, 64, '\r\n'),
];
/** What texts lie in, also in one another. */
const ENCLOSURES: readonly TextWrapping[] = [
  (text) => base64(text),
  (text) => base64(base64(text)),
  (text) => JSON.stringify({ nested: { deeper: [text] } }),
  (text) => `data:text/plain;charset=utf-8;base64,${base64(text)}`,
  (text) =>
    `apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    certificate-authority-data: ${base64(text)}\n`,
];
/** Ways in which people and programs store PEM and tokens. A wrapping gets text and gives what is stored. */
const TEXT: readonly TextWrapping[] = [
  ...LAYOUTS,
  ...ENCLOSURES,
  (text) => `data:,${encodeURIComponent(text)}`,
];
/** And where bytes can be stored. */
const BYTES: readonly ((text: string) => Buffer)[] = [
  (text) => gzipSync(text),
  (text) => Buffer.concat([Buffer.from([0, 255, 254, 128]), Buffer.from(text), Buffer.from([0, 129])]),
];

/**
 * A random cluster whose crypto also lies in random objects under random names, in random formats and nestings; the
 * seed decides which (the keys themselves are always new).
 */
export function scatteredCluster(seed: number, count = 12): TestCluster {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const name = (): string => `n${Math.floor(random() * 2 ** 40).toString(36)}`;
  /** Every third lies in something that lies in something else. */
  const enclosed = (text: string): string =>
    random() < 1 / 3 ? pick(ENCLOSURES)(pick(ENCLOSURES)(pick(LAYOUTS)(text))) : pick(TEXT)(text);
  const stored = (text: string): string | Buffer =>
    random() < 1 / 5 ? pick(BYTES)(enclosed(text)) : enclosed(text);
  const cluster = makeCluster();
  const objects = new Map(cluster.objects);
  const files: Record<string, string> = { ...cluster.files };
  for (let index = 0; index < count; index++) {
    const [namespace, object, key] = [name(), name(), name()];
    const material = pick(cluster.old);
    const kind = pick(['secret', 'configmap', 'binary', 'file'] as const);
    if (kind === 'secret') {
      objects.set(
        `/kubernetes.io/secrets/${namespace}/${object}`,
        secretObject(namespace, object, { [key]: stored(material), other: name() }),
      );
    } else if (kind === 'file') {
      files[`/etc/kubernetes/${namespace}/${object}.${key}`] = enclosed(material);
    } else {
      const data = kind === 'configmap' ? { [key]: enclosed(material) } : {};
      const binary = kind === 'binary' ? { [key]: stored(material) } : {};
      objects.set(
        `/kubernetes.io/configmaps/${namespace}/${object}`,
        configMapObject(namespace, object, data, binary),
      );
    }
  }
  return { ...cluster, objects, files };
}
