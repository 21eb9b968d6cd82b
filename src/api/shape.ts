import * as z from 'zod';
import type { Parsed, Problem } from '#base/report.ts';
import { errorsOf, parsed, problem, type Report, refused, warning } from '#base/report.ts';
import { type FieldPath, renderFieldPath } from './fieldPath.ts';
import { findNearestName } from './nearestName.ts';
import { locateProblems, parseSourceText } from './sourceText.ts';

// A program reads each kind of document once: code that zod generates for a schema would never pay for itself.
z.config({ jitless: true });

/** A text field. Upstream's decoder turns plain numbers and booleans into text where text is wanted, so `name: 5` is fine. */
export const text = z
  .union([z.string(), z.number(), z.boolean()], { error: 'expected text' })
  .transform(String);

/** A text field that reads as `''` when it is absent. */
export const textOrEmpty = text.default('');

/** A yes/no field that reads as `false` when it is absent. */
export const flag = z.boolean({ error: 'expected true or false' }).default(false);

/** A list of texts that reads as empty when it is absent. */
export const textList = z.array(text, { error: 'expected a list' }).default([]);

/** A mapping of texts with free keys, such as labels; empty when it is absent. A label without a value is `''`. */
export const textMapping = z
  .record(
    z.string(),
    z.preprocess((value) => value ?? '', text),
    { error: 'expected a mapping' },
  )
  .default({});

/** A document of any form, for example nmstate, that is passed on as it is. */
export const anyMapping = z.record(z.string(), z.unknown(), { error: 'expected a mapping' });

/** A mapping with known keys; `null` members count as absent, as in upstream's decoder. */
export const mapping = <S extends z.core.$ZodShape>(shape: S) =>
  z.preprocess(dropNullMembers, z.strictObject(shape, { error: mappingMessage }));

/** A mapping that may be absent, and is then read as `{}` so that its own defaults apply. */
export const mappingOrEmpty = <S extends z.core.$ZodShape>(shape: S) =>
  z.preprocess((value) => dropNullMembers(value ?? {}), z.strictObject(shape, { error: mappingMessage }));

export const optional = z.exactOptional;

/** A list, or the one value of its older singular key when the list is empty. */
export const listOrOne = (list: readonly string[], one: string): readonly string[] =>
  list.length > 0 || one === '' ? list : [one];

const IGNORED_FIELD = 'unknown field, ignored';

/** The problem is a key that the shape does not have, and that is allowed. */
export const isIgnoredField = ({ message }: Problem): boolean => message === IGNORED_FIELD;

/** What becomes of keys that the shape does not have. */
interface KeyPolicy {
  readonly schema: z.ZodType;
  /** Keys that the shape does not have: refused, or dropped with a warning where upstream ignores them. */
  readonly unknownKeys: 'error' | 'warning';
  /** Keys at the top that upstream has in a wider document of the same family: dropped with a warning in any case. */
  readonly ignoredKeys?: readonly string[];
}

/** How a document's text becomes a value. */
export interface DocumentForm<T> extends KeyPolicy {
  readonly schema: z.ZodType<T>;
  /** The rules beyond the shape; they run on whatever could be read, so that all problems come at once. */
  readonly rules?: (value: T) => Report;
}

/**
 * Reads YAML or JSON text; every problem has its path and position.
 * The text itself is never quoted in a problem: it may hold secrets.
 */
export function decodeText<T>(text: string, form: DocumentForm<T>): Parsed<T> {
  const source = parseSourceText(text);
  if (!source.ok) return source;
  const decoded = decodeValue(source.value.value, form);
  const report = locateProblems(decoded.report, source.value);
  return decoded.ok ? parsed(decoded.value, report) : refused(report);
}

/** As `decodeText`, for a document that is a value already. */
function decodeValue<T>(value: unknown, form: DocumentForm<T>): Parsed<T> {
  const document = value ?? {};
  const problems: Problem[] = [];
  let result = form.schema.safeParse(document);
  if (!result.success) {
    problems.push(...result.error.issues.flatMap((issue) => problemsOf(issue, form)));
    result = form.schema.safeParse(withoutUnknownKeys(document, result.error.issues, form.schema));
  }
  if (!result.success) return refused(problems);
  problems.push(...(form.rules?.(result.data) ?? []));
  return errorsOf(problems).length > 0 ? refused(problems) : parsed(result.data, problems);
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function dropNullMembers(value: unknown): unknown {
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

const mappingMessage = (issue: z.core.$ZodRawIssue): string | undefined =>
  issue.code === 'invalid_type' ? 'expected a mapping' : undefined;

function problemsOf(issue: z.core.$ZodIssue, form: KeyPolicy): Problem[] {
  const path = issue.path as FieldPath;
  if (issue.code !== 'unrecognized_keys') {
    return [problem(renderFieldPath(path), issue.message.replace(/^Invalid input: /, ''))];
  }
  const known = knownKeysAt(form.schema, path);
  return issue.keys.map((key) => unknownKeyProblem([...path, key], known, form));
}

function unknownKeyProblem(path: FieldPath, known: readonly string[], form: KeyPolicy): Problem {
  const key = String(path.at(-1));
  const at = renderFieldPath(path);
  if (path.length === 1 && form.ignoredKeys?.includes(key))
    return warning(at, 'is not read from this file, ignored');
  if (form.unknownKeys === 'warning') {
    const same = findSameKey(key, known);
    return warning(at, same === undefined ? IGNORED_FIELD : `read as "${same}"`);
  }
  const meant = findNearestName(key, known);
  return problem(at, `unknown field${meant === undefined ? '' : `, did you mean "${meant}"?`}`);
}

/** Go's JSON decoder matches keys without regard to case. */
const findSameKey = (key: string, known: readonly string[]): string | undefined =>
  known.find((name) => name.toLowerCase() === key.toLowerCase());

function withoutUnknownKeys(value: unknown, issues: readonly z.core.$ZodIssue[], schema: z.ZodType): unknown {
  const copy: unknown = structuredClone(value);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const target = issue.path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown>)[step], copy);
    const members = target as Record<string, unknown>;
    const known = knownKeysAt(schema, issue.path as FieldPath);
    for (const key of issue.keys) {
      const meant = findSameKey(key, known);
      if (meant !== undefined && members[meant] === undefined) members[meant] = members[key];
      delete members[key];
    }
  }
  return copy;
}

/** The keys that the shape has for the mapping at `path`. */
function knownKeysAt(schema: z.core.$ZodType, path: FieldPath): string[] {
  let at = unwrapSchema(schema);
  for (const step of path) {
    if (at instanceof z.ZodObject) at = unwrapSchema(at.shape[step] as z.core.$ZodType);
    else if (at instanceof z.ZodArray) at = unwrapSchema(at.element as z.core.$ZodType);
    else if (at instanceof z.ZodRecord) at = unwrapSchema(at.valueType as z.core.$ZodType);
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** The schema itself, without what is done before and after it: defaults, conversions, being optional. */
export function unwrapSchema(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPipe) {
    return unwrapSchema(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  }
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodOptional
  ) {
    return unwrapSchema(schema.unwrap() as z.core.$ZodType);
  }
  return schema;
}
