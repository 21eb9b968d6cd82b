import { createHash } from 'node:crypto';
import { itemsAt, nodeAt, replaceText, textAt } from '#formats/document.ts';
import { dataKeys, replaceAnnotation } from '#k8s/data.ts';
import { documentOf, editResource, type Resource } from '#k8s/resource.ts';
import { always, NothingToRename, type ObjectRule, type RuleContext } from './rule.ts';

const OLM_SERVICE = 'apiregistration.k8s.io/apiservices/v1.packages.operators.coreos.com';
const DEPENDENCY = /^operator\.openshift\.io\/dep-([^.]+)\.([^.]+)\.(secret|configmap)$/;

/** OLM renews the certificate of its package server if the hash of the CA differs from this annotation. */
export const OLM_CA_HASH: ObjectRule = {
  name: 'olm-ca-hash',
  objects: ['secrets/openshift-operator-lifecycle-manager/packageserver-service-cert'],
  isUsual: true,
  isWanted: always,
  edit: (secret, { find }) => {
    const service = find(OLM_SERVICE);
    const bundle = service && textAt(documentOf(service), 'spec', 'caBundle');
    if (bundle === undefined) throw new NothingToRename(`caBundle of ${OLM_SERVICE} is missing`);
    const hash = createHash('sha256').update(Buffer.from(bundle, 'base64')).digest('hex');
    return replaceAnnotation(secret, 'olmcahash', hash);
  },
};

/** Operators roll their operand out again when the data of a secret or config map it uses has another hash. */
export const DEPENDENCY_HASHES: ObjectRule = {
  name: 'dependency-hashes',
  objects: ['deployments/openshift-apiserver/apiserver', 'deployments/openshift-oauth-apiserver/apiserver'],
  isUsual: true,
  isWanted: always,
  edit: (deployment, context) =>
    editResource(deployment, (root) => {
      for (const metadata of [root.get('metadata'), nodeAt(root, 'spec', 'template', 'metadata')]) {
        const annotations = metadata?.get('annotations');
        for (const name of annotations?.names() ?? []) {
          const hash = dependencyHash(name, context);
          if (hash !== undefined) replaceText(annotations?.get(name), hash);
        }
      }
    }),
};

function dependencyHash(annotation: string, { find, note }: RuleContext): string | undefined {
  const [, namespace, name, kind] = DEPENDENCY.exec(annotation) ?? [];
  if (namespace === undefined) return undefined;
  const path = `${kind}s/${namespace}/${name}`;
  const object = find(path);
  if (object !== undefined) return dataHash(object);
  note(`${path} does not exist, so its hash on the deployment stays as it is`);
  return undefined;
}

/** Go: FNV-1 (32 bit) of the JSON of `.data` with a line break, as padded base64url. */
export function dataHash(object: Resource): string {
  const data = documentOf(object)?.get('data');
  const pairs = dataKeys(object)
    .sort()
    .map((key): [string, string] => {
      const node = data?.get(key);
      const isBytes = object.kind === 'Secret' && object.encoding === 'protobuf';
      const text = node?.text() ?? '';
      return [key, isBytes ? Buffer.from(text, 'utf8').toString('base64') : text];
    });
  const json = pairs.length === 0 ? 'null' : goJson(Object.fromEntries(pairs));
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${json}\n`)) hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(hash);
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** encoding/json escapes what could end a script element. */
const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Tells whoever looks that the cluster's version has yet to be checked. */
export const CLUSTER_VERSION: ObjectRule = {
  name: 'cluster-version',
  objects: ['config.openshift.io/clusterversions/version'],
  isUsual: true,
  isWanted: always,
  edit: (version) =>
    editResource(version, (root) => {
      for (const condition of itemsAt(root, 'status', 'conditions')) {
        if (textAt(condition, 'type') !== 'Available') continue;
        condition.set('status', 'False');
        condition.set('message', 'Cluster version status unknown');
      }
    }),
};
