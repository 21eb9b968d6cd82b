import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { Failure } from '#base/failure.ts';
import { defineAsset, type StateFileEntry, stateFileEntry } from '../../asset.ts';
import { renderManifest } from '../../manifestText.ts';
import type { FileListValue } from '../fileList.ts';
import { commonManifests } from './commonManifests.ts';
import { openshiftManifests } from './openshiftManifests.ts';

const CLUSTER_VERSION = 'manifests/cvo-overrides.yaml';
/** Relative to the installer's folder on the bootstrap machine, as all names of files here. */
const ORIGINAL_OVERRIDES = 'original_cvo_overrides.patch';

/**
 * Keeps the cluster version operator from changing what the installer has put into the cluster while it bootstraps
 * (spec/installer/05.6); the patch undoes it.
 */
export const cvoIgnore = defineAsset({
  name: 'CVO Ignore',
  stateKey: '*bootstrap.CVOIgnore',
  inputs: { commonManifests, openshiftManifests },
  generate(values): FileListValue {
    const files = [...values.commonManifests.FileList, ...values.openshiftManifests.FileList];
    const objects = files.flatMap(objectsIn);
    refuseDuplicates(objects);
    const clusterVersion = clusterVersionIn(objects);
    const original = clusterVersion.spec?.overrides ?? null;
    const added = objects.filter(({ file }) => file !== CLUSTER_VERSION).map(overrideFor);
    const overridden = {
      ...clusterVersion,
      spec: { ...clusterVersion.spec, overrides: [...added, ...(original ?? [])] },
    };
    return {
      FileList: [
        stateFileEntry(CLUSTER_VERSION, renderManifest(overridden)),
        stateFileEntry(ORIGINAL_OVERRIDES, JSON.stringify({ spec: { overrides: original } })),
      ],
    };
  },
});

const identitySchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string().min(1),
  metadata: z.looseObject({ name: z.string().optional(), namespace: z.string().optional() }).nullish(),
});

const clusterVersionSchema = z.looseObject({
  spec: z.looseObject({ overrides: z.array(z.unknown()).nullish() }).nullish(),
});

/** An object of a manifest. */
interface Found {
  readonly file: string;
  readonly content: unknown;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** All documents of the file; JSON is YAML. Empty ones, between two separators, are nothing. */
function objectsIn({ Filename, Data }: StateFileEntry): Found[] {
  const text = Buffer.from(Data, 'base64').toString('utf8');
  return parseAllDocuments(text, { version: '1.1', logLevel: 'silent' }).flatMap((document) => {
    if (document.errors.length > 0) throw unreadable(Filename, 'it is no valid YAML');
    const content: unknown = document.toJS();
    if (content === null) return [];
    const identity = identitySchema.safeParse(content);
    if (!identity.success) {
      const at = identity.error.issues[0]!.path.join('.');
      throw unreadable(Filename, at === '' ? 'it is no object' : `it has no text in ${at}`);
    }
    const { apiVersion, kind, metadata } = identity.data;
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
    return [
      {
        file: Filename,
        content,
        group,
        kind,
        namespace: metadata?.namespace ?? '',
        name: metadata?.name ?? '',
      },
    ];
  });
}

const unreadable = (file: string, reason: string): Failure =>
  new Failure({
    code: 'installer/manifest-unreadable',
    message: `could not unmarshal "${file}": ${reason}`,
    hint: 'every manifest is a Kubernetes object with apiVersion, kind and metadata; correct the file, or remove it',
  });

/** The cluster would keep one of the two, and nobody could tell which. */
function refuseDuplicates(objects: readonly Found[]): void {
  const seen = new Map<string, Found>();
  for (const object of objects) {
    const { group, kind, namespace, name, file } = object;
    const key = JSON.stringify([group, kind, namespace, name]);
    const other = seen.get(key);
    if (other !== undefined) {
      throw new Failure({
        code: 'installer/manifest-duplicate',
        message: `multiple manifests for group ${group} kind ${kind} namespace ${namespace} name ${name}: ${other.file}, ${file}`,
        hint: 'remove one of the two files, or give its object another name',
      });
    }
    seen.set(key, object);
  }
}

const overrideFor = ({ kind, group, namespace, name }: Found) => ({
  kind,
  group,
  namespace,
  name,
  unmanaged: true,
});

function clusterVersionIn(objects: readonly Found[]): z.infer<typeof clusterVersionSchema> {
  const found = objects.find(({ file }) => file === CLUSTER_VERSION);
  if (found === undefined) {
    throw new Failure({
      code: 'installer/cluster-version-missing',
      message: `${CLUSTER_VERSION} is missing`,
      hint: 'put it back: without it the cluster has no ID and no update channel',
    });
  }
  const parsed = clusterVersionSchema.safeParse(found.content);
  if (parsed.success) return parsed.data;
  throw unreadable(CLUSTER_VERSION, 'spec.overrides is no list');
}
