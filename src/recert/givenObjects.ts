import { isDeepStrictEqual } from 'node:util';
import { isNodeObject, NODE_OBJECTS } from '#api/nodeObjects.ts';
import { Failure } from '#base/failure.ts';
import type { Resource } from '#k8s/resource.ts';
import { parseResource } from '#k8s/resource.ts';
import type { Deed, Draft } from './applyRules.ts';
import { objectPath } from './objectPath.ts';

/** What the configuration wants to be in the cluster when it starts, and what must not be there. */
export interface GivenObjects {
  readonly puts: readonly GivenObject[];
  /** Beginnings of paths without the storage prefix, for example `operators.coreos.com/catalogsources/`. */
  readonly deletes: readonly string[];
}

/** A custom resource without what the API server adds. */
interface GivenObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata & { readonly name: string; readonly namespace?: string };
  readonly [member: string]: unknown;
}

interface Metadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}

/** Reads one object of `put_objects`. Failure `recert/config`. */
export function parseGivenObject(text: string): GivenObject {
  const refuse = (reason: string): Failure =>
    new Failure({
      code: 'recert/config',
      message: `put_objects: ${reason}`,
      hint: `can be given: ${[...NODE_OBJECTS.values()]
        .map(({ apiVersion, resource }) => `${resource} of ${apiVersion}`)
        .join(', ')}, as JSON`,
    });
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('is no JSON object');
  const object = value as GivenObject;
  const { kind, apiVersion, metadata } = object;
  if (typeof metadata?.name !== 'string') throw refuse(`${kind} has no metadata.name`);
  if (!isNodeObject(object))
    throw refuse(`${kind} ${metadata.name} of ${apiVersion} is not one that can be stored`);
  return object;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Where new objects get what the API server would have given them. */
export interface BirthFacts {
  readonly now: Date;
  random(length: number): Buffer;
}

/**
 * Removes and puts what was given, so that no controller ever sees anything else. An object that is there as it is
 * wanted stays as it is; another one keeps its identity (uid, time of creation).
 */
export function placeGivenObjects(
  draft: Draft,
  given: GivenObjects,
  birth: BirthFacts,
): { readonly deeds: Deed[]; readonly notes: string[] } {
  const [deeds, notes]: [Deed[], string[]] = [[], []];
  const [anyKey] = draft.objects.keys();
  if (anyKey === undefined) return { deeds, notes };
  const prefix = anyKey.slice(0, anyKey.length - objectPath(anyKey).length);
  const wanted = new Map(given.puts.map((object) => [prefix + pathOf(object), object]));
  for (const [key, before] of [...draft.objects]) {
    if (wanted.has(key) || !given.deletes.some((start) => objectPath(key).startsWith(start))) continue;
    draft.objects.delete(key);
    deeds.push({ rule: 'delete-given', target: key, before });
  }
  for (const [key, object] of wanted) {
    if (!draft.objects.has(prefix + definitionOf(object))) {
      notes.push(`the cluster has no ${object.kind} objects: ${object.metadata.name} is left out`);
      continue;
    }
    const before = draft.objects.get(key);
    const after = before === undefined ? born(key, object, birth) : changed(before, object);
    if (after === before) continue;
    draft.objects.set(key, after);
    deeds.push({ rule: 'put-given', target: key, ...(before && { before }), after });
  }
  return { deeds, notes };
}

const groupOf = ({ apiVersion }: GivenObject): string => apiVersion.split('/')[0]!;

function pathOf(object: GivenObject): string {
  const { resource, isNamespaced } = NODE_OBJECTS.get(object.kind)!;
  const { namespace = 'default', name } = object.metadata;
  return [groupOf(object), resource, ...(isNamespaced ? [namespace] : []), name].join('/');
}

const definitionOf = (object: GivenObject): string =>
  `apiextensions.k8s.io/customresourcedefinitions/${NODE_OBJECTS.get(object.kind)!.resource}.${groupOf(object)}`;

function born(key: string, object: GivenObject, { now, random }: BirthFacts): Resource {
  const { apiVersion, kind, metadata, status: _, ...content } = object;
  const creationTimestamp = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const namespace = NODE_OBJECTS.get(kind)!.isNamespaced ? { namespace: 'default' } : {};
  const stored = { ...namespace, ...metadata, creationTimestamp, generation: 1, uid: uidOf(random(16)) };
  return resourceOf(key, { apiVersion, kind, metadata: stored, ...content });
}

/** A random UUID (version 4) of 16 bytes. */
function uidOf(bytes: Buffer): string {
  const hex = [...bytes]
    .map((byte, at) => (at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte))
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function changed(before: Resource, object: GivenObject): Resource {
  const { status, ...old } = JSON.parse(before.value.toString('utf8')) as GivenObject;
  const { metadata, status: _, ...content } = object;
  const { labels: __, annotations: ___, ...identity } = old.metadata;
  const wanted = { ...content, metadata: { ...identity, ...metadata } };
  if (isDeepStrictEqual(wanted, old)) return before;
  const generation = Number(old.metadata['generation'] ?? 0) + 1;
  return resourceOf(before.key, {
    ...wanted,
    metadata: { ...wanted.metadata, generation },
    ...(status !== undefined && { status }),
  });
}

const resourceOf = (key: string, object: object): Resource =>
  parseResource(key, Buffer.from(JSON.stringify(object)));
