import * as z from 'zod';
import { unwrapSchema } from './shape.ts';

/** What a person has to know of a field beside its type, which the schema knows. */
export interface FieldFacts {
  readonly description: string;
  readonly isRequired?: true;
  /** What an absent field stands for. */
  readonly default?: unknown;
  /** The only values, beside the empty one for "not given". */
  readonly values?: readonly string[];
  readonly format?: string;
}

/** By the path of the field, with `[]` for the items of a list; `''` is the document. A text is a description alone. */
export type FieldTable = Readonly<Record<string, string | FieldFacts>>;

type FieldType = 'object' | 'array' | 'string' | 'integer' | 'boolean';

/** A field with everything below it. */
export interface DocumentField extends FieldFacts {
  readonly type: FieldType;
  /** Of an object with known keys. */
  readonly fields?: Readonly<Record<string, DocumentField>>;
  /** Of a list; of an object with free keys that all hold the same. */
  readonly items?: DocumentField;
}

/** The fields of a document: shape and types from the schema, words from the table. */
export function describeDocument(schema: z.core.$ZodType, table: FieldTable, path = ''): DocumentField {
  const known = unwrapSchema(schema);
  const facts = table[path] ?? '';
  const own = typeof facts === 'string' ? { description: facts } : facts;
  const at = (step: string): string => (path === '' ? step : `${path}.${step}`);
  if (known instanceof z.ZodObject) {
    const members = Object.entries(known.shape as z.core.$ZodShape);
    const fields = members.map(
      ([name, member]) => [name, describeDocument(member, table, at(name))] as const,
    );
    return { ...own, type: 'object', fields: Object.fromEntries(fields) };
  }
  if (known instanceof z.ZodArray) {
    return { ...own, type: 'array', items: describeDocument(known.element, table, `${path}[]`) };
  }
  if (known instanceof z.ZodRecord) {
    const value = unwrapSchema(known.valueType);
    if (value instanceof z.ZodUnknown) return { ...own, type: 'object' };
    return { ...own, type: 'object', items: { type: scalarType(value), description: '' } };
  }
  return { ...own, type: scalarType(known) };
}

function scalarType(schema: z.core.$ZodType): FieldType {
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodNumber) return 'integer';
  if (schema instanceof z.ZodUnion || schema instanceof z.ZodString) return 'string';
  throw new Error(`a document has a field of the unknown kind ${schema._zod.def.type}`);
}

/** The paths of all fields that need a description: lists of plain values have one for the list alone. */
export function fieldPaths(field: DocumentField, path = ''): string[] {
  const below = Object.entries(field.fields ?? {}).flatMap(([name, member]) =>
    fieldPaths(member, path === '' ? name : `${path}.${name}`),
  );
  const items = field.type === 'array' && field.items?.fields !== undefined ? field.items : undefined;
  return [path, ...below, ...(items === undefined ? [] : fieldPaths(items, `${path}[]`).slice(1))];
}

/** The rows of a table as rows below a field. */
export const rowsBelow = (path: string, table: FieldTable): FieldTable =>
  Object.fromEntries(Object.entries(table).map(([name, facts]) => [`${path}.${name}`, facts]));
