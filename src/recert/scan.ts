import { setImmediate as turn } from 'node:timers/promises';
import { Failure } from '#base/failure.ts';
import { nodeAt, textAt } from '#formats/document.ts';
import { editNestedText } from '#formats/nestedText.ts';
import { scanPem } from '#formats/pem.ts';
import { dataKeys, dataOf } from '#k8s/data.ts';
import { editLeaves } from '#k8s/leaves.ts';
import { documentOf, identityOf, type Resource } from '#k8s/resource.ts';
import { certificateFingerprint, parseCertificate } from '#pki/certificate.ts';
import type { ClusterObjects } from './clusterObjects.ts';
import type { FoundKeyPair } from './inventory.ts';
import { Inventory } from './inventory.ts';
import type { FileHolder, ObjectHolder } from './location.ts';
import type { NodeFile } from './nodeFiles.ts';

/** Keys of secrets and config maps that hold certificates of others (spec recert 3.2). */
const FOREIGN_DATA = /^\/data\/(?:entitlement\.pem|entitlement-key\.pem|verifier-public-key-redhat)$/;
/** Often enough that key generation on the thread pool is never kept waiting for the event loop. */
const SCANNED_AT_ONCE = 40;

export interface Scanned {
  readonly inventory: Inventory;
  /** Keys of objects and paths of files in which something was found. */
  readonly touched: ReadonlySet<string>;
}

/** Looks at every value of every object and at every file. */
export async function scan(
  objects: ClusterObjects,
  files: ReadonlyMap<string, NodeFile>,
  options: { external: ReadonlySet<string>; onKeyPair?: (keyPair: FoundKeyPair) => void },
): Promise<Scanned> {
  const inventory = new Inventory(options.external, options.onKeyPair);
  const touched = new Set<string>();
  let scanned = 0;
  for (const { resource } of objects.values()) {
    if (scanResource(inventory, resource)) touched.add(resource.key);
    if (++scanned % SCANNED_AT_ONCE === 0) await turn();
  }
  for (const file of files.values()) {
    if (scanFile(inventory, file)) touched.add(file.path);
    if (++scanned % SCANNED_AT_ONCE === 0) await turn();
  }
  return { inventory, touched };
}

/** Takes note of everything in a file; false if there is nothing. */
export const scanFile = (inventory: Inventory, { path, content, hasCrypto }: NodeFile): boolean =>
  hasCrypto && scanText(inventory, content, { type: 'file', path });

/** Takes note of everything in an object; false if there is nothing. */
export function scanResource(inventory: Inventory, resource: Resource): boolean {
  const { namespace, name } = lazily(() => identityOf(resource));
  let found = false;
  editLeaves(resource, (value, pointer) => {
    if (isForeign(pointer)) return undefined;
    const holder = (): ObjectHolder => ({
      type: 'etcd',
      key: resource.key,
      kind: resource.kind,
      namespace: namespace(),
      name: name() || resource.key,
      pointer,
    });
    if (scanText(inventory, value, holder)) found = true;
    return undefined;
  });
  return found;
}

/** True for values that are never rewritten. */
export const isForeign = (pointer: string): boolean => FOREIGN_DATA.test(pointer);

function scanText(inventory: Inventory, text: Buffer, holder: FileHolder | (() => ObjectHolder)): boolean {
  let found = false;
  const at = () => (typeof holder === 'function' ? holder() : holder);
  editNestedText(text, {
    pem: (block, { nesting }) => {
      if (inventory.addBlock(block, { holder: at(), nesting, item: block.index })) found = true;
      return undefined;
    },
    jwt: (token, { nesting }) => {
      if (inventory.addToken(token, { holder: at(), nesting, item: 'jwt' })) found = true;
      return undefined;
    },
    defect: (defect) => {
      if (defect.label.endsWith('CERTIFICATE') || defect.label.endsWith('KEY'))
        inventory.warn(`left alone: PEM block "${defect.label}" ${defect.reason}`);
    },
  });
  return found;
}

/** Most objects hold nothing; their names need not be read. */
function lazily(identity: () => { namespace: string; name: string }): {
  namespace(): string;
  name(): string;
} {
  let known: { namespace: string; name: string } | undefined;
  const get = () => {
    known ??= identity();
    return known;
  };
  return { namespace: () => get().namespace, name: () => get().name };
}

/** Whether the object there may say which certificates belong to others. */
export const namesExternal = (path: string): boolean =>
  /^configmaps\/openshift-config(?:-managed)?\/|^config\.openshift\.io\/images\//.test(path);

/**
 * Fingerprints of certificates that belong to others and stay: those of the trust bundles that the cluster was
 * configured with (spec recert 3.1). A cluster that has none of these objects has no such certificates.
 */
export function externalCertificates(find: (path: string) => Resource | undefined): Set<string> {
  const bundle = (path: string, key: string): string => {
    const configMap = find(path);
    return configMap === undefined ? '' : (dataOf(configMap, key) ?? '');
  };
  const texts = [
    bundle('configmaps/openshift-config-managed/trusted-ca-bundle', 'ca-bundle.crt'),
    bundle('configmaps/openshift-config/user-ca-bundle', 'ca-bundle.crt'),
  ];
  const image = find('config.openshift.io/images/cluster');
  const name = image && textAt(nodeAt(documentOf(image), 'spec'), 'additionalTrustedCA', 'name');
  const additional = name ? find(`configmaps/openshift-config/${name}`) : undefined;
  if (additional) for (const key of dataKeys(additional)) texts.push(dataOf(additional, key) ?? '');
  const fingerprints = new Set<string>();
  for (const text of texts) {
    for (const block of scanPem(text).blocks) {
      const fingerprint = fingerprintOf(block.der);
      if (block.label === 'CERTIFICATE' && fingerprint !== undefined) fingerprints.add(fingerprint);
    }
  }
  return fingerprints;
}

function fingerprintOf(der: Buffer): string | undefined {
  try {
    return certificateFingerprint(parseCertificate(der));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
