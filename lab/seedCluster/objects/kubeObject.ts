/** A Kubernetes object as it is sent to the API server. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export type Fields = Readonly<Record<string, unknown>>;

/** `kind namespace/name` with the group, unique within a cluster. */
export function objectKey(object: KubeObject): string {
  const group = object.apiVersion.includes('/') ? `.${object.apiVersion.split('/')[0]}` : '';
  const { name, namespace } = object.metadata;
  return `${object.kind}${group} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

export const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** `data` is plain text; a Secret carries it in base64. */
export function secret(
  metadata: ObjectMeta,
  data: Readonly<Record<string, string>>,
  type = 'Opaque',
): KubeObject {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)]));
  return { apiVersion: 'v1', kind: 'Secret', metadata, type, data: encoded };
}

export function configMap(metadata: ObjectMeta, data: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}
