import type { Nesting } from '#formats/nestedText.ts';

/** One place where a key, certificate or token lies. */
export interface Location {
  readonly holder: ObjectHolder | FileHolder;
  /** Encodings between the holder's value and the item, outermost first. */
  readonly nesting: readonly Nesting[];
  /** Position in a PEM bundle, or a token. */
  readonly item: number | 'jwt';
}

export interface ObjectHolder {
  readonly type: 'etcd';
  readonly key: string;
  readonly kind: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  /** JSON pointer of the value in the object. */
  readonly pointer: string;
}

export interface FileHolder {
  readonly type: 'file';
  readonly path: string;
}

const BYTE_FIELDS = /^\/data\/|\/caBundle$|^\/binaryData\//;

/** The location as it stands in summaries and logs, in the original's wording where the original has one. */
export function renderLocation({ holder, nesting, item }: Location): string {
  const place = item === 'jwt' ? 'jwt' : `in PEM bundle at index ${item}`;
  const encodings = nesting.map((one) => ENCODINGS[one]);
  if (holder.type === 'file') {
    const inside = encodings.length === 0 ? '' : `, ${encodings.join(', ')},`;
    return `file: ${holder.path}${inside} ${place}`;
  }
  const isBytes = BYTE_FIELDS.test(holder.pointer) && holder.kind !== 'ConfigMap';
  const encoding = isBytes
    ? ['encoded as a byte array', ...encodings].join(', ')
    : encodings.join(', ') || 'without encoding';
  return `k8s: ${renderObject(holder)} ${holder.pointer}, ${encoding}, ${place}`;
}

const ENCODINGS: Readonly<Record<Nesting, string>> = {
  base64: 'encoded as base64',
  'data-url': 'encoded as a dataurl',
  gzip: 'compressed with gzip',
};

/** `Kind/namespace:name`. */
const renderObject = (holder: ObjectHolder): string =>
  `${holder.kind}/${holder.namespace === '' ? 'cluster-scoped' : holder.namespace}:${holder.name}`;
