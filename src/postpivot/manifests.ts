import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import { type Parsed, type Problem, parsed, problem, refused } from '#base/report.ts';
import type { KubernetesObject } from '#system/kubernetesApi.ts';

/** What becomes of an object that exists already (lifecycle-agent 11.5). */
export type ApplyType = 'replace' | 'merge';

export interface Manifest {
  /** The file it comes from, relative to the configuration. */
  readonly file: string;
  readonly object: KubernetesObject;
  readonly applyType: ApplyType;
}

const APPLY_TYPE_ANNOTATION = 'lca.openshift.io/apply-type';

/** Reads a manifest file: YAML or JSON, several documents, lists taken apart. All problems are returned. */
export function parseManifests(file: string, text: string): Parsed<Manifest[]> {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { version: '1.1', lineCounter });
  if (!Array.isArray(documents)) return parsed([]); // nothing but comments
  const manifests: Manifest[] = [];
  const problems: Problem[] = [];
  for (const [index, document] of documents.entries()) {
    const path = documents.length > 1 ? `document ${index + 1}` : '';
    for (const { pos, code } of document.errors) {
      const { line, col } = lineCounter.linePos(pos[0]);
      // The parser's message quotes the text, and extra manifests may be Secrets.
      problems.push({ ...problem(path, `is not YAML (${code})`), position: { line, column: col } });
    }
    const content = document.errors.length > 0 ? null : contentOf(document);
    if (content === null) continue;
    for (const value of objectsOf(content)) {
      const manifest = toManifest(file, value);
      if (typeof manifest === 'string') problems.push(problem(path, manifest));
      else manifests.push(manifest);
    }
  }
  return problems.length > 0 ? refused(problems) : parsed(manifests);
}

/** Null for an empty document; undefined, which is no object, for one whose aliases grow without end. */
function contentOf(document: Document): unknown {
  try {
    return document.toJS() as unknown;
  } catch {
    return undefined;
  }
}

function objectsOf(value: unknown): unknown[] {
  const items = isMapping(value) ? value['items'] : undefined;
  return Array.isArray(items) ? items : [value];
}

function toManifest(file: string, value: unknown): Manifest | string {
  if (!isMapping(value)) return 'is not a Kubernetes object';
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return 'has no apiVersion and kind';
  if (!isMapping(metadata) || typeof metadata['name'] !== 'string') return `${kind} has no metadata.name`;
  const object = value as unknown as KubernetesObject;
  const applyType = object.metadata.annotations?.[APPLY_TYPE_ANNOTATION] ?? 'replace';
  if (applyType !== 'replace' && applyType !== 'merge') {
    return `${kind} ${metadata['name']} has annotation ${APPLY_TYPE_ANNOTATION} "${applyType}", must be replace or merge`;
  }
  return { file, object, applyType };
}

/**
 * The "musthave" merge that ACM's policies use: members of the desired object win, everything else stays, list items
 * are matched by `name`, other items are added when no equal one is there.
 */
export function mergeMustHave(existing: unknown, desired: unknown): unknown {
  if (isMapping(existing) && isMapping(desired)) {
    const merged: Record<string, unknown> = { ...existing };
    for (const [key, value] of Object.entries(desired)) merged[key] = mergeMustHave(existing[key], value);
    return merged;
  }
  return Array.isArray(existing) && Array.isArray(desired) ? mergeLists(existing, desired) : desired;
}

function mergeLists(existing: readonly unknown[], desired: readonly unknown[]): unknown[] {
  const merged = [...existing];
  for (const item of desired) {
    const name = nameOf(item);
    const at = merged.findIndex((other) =>
      name === undefined ? isEqual(other, item) : nameOf(other) === name,
    );
    if (at < 0) merged.push(item);
    else merged[at] = mergeMustHave(merged[at], item);
  }
  return merged;
}

const nameOf = (item: unknown): unknown => (isMapping(item) ? item['name'] : undefined);
const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
