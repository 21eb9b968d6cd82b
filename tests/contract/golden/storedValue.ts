import { readFields, readVarint } from '#formats/protobufWire.ts';

/** Message name -> field number -> `name type`, `name list type` or `name map type`. */
export type Schema = Readonly<Record<string, Readonly<Record<string, string>>>>;

type Tree = { [name: string]: unknown };

/** A value of etcd as plain data, read with a schema of its own and not with recert's. Throws for what it can't read. */
export function readStoredValue(value: Buffer, schema: Schema): unknown {
  if (value.subarray(0, 4).toString('latin1') !== 'k8s\0') return JSON.parse(value.toString('utf8'));
  const envelope = fieldsOf(value.subarray(4));
  const [typeMeta, raw] = [1, 2].map((number) => envelope.find((field) => field.number === number)?.payload);
  if (typeMeta === undefined || raw === undefined) throw new Error('an envelope without an object');
  const [apiVersion, kind] = fieldsOf(typeMeta).map(({ payload }) => payload.toString('utf8'));
  return { apiVersion, kind, ...readMessage(raw, String(kind), schema) };
}

function fieldsOf(bytes: Buffer): { number: number; payload: Buffer }[] {
  const fields = readFields(bytes);
  if (fields === undefined) throw new Error('not protobuf');
  return fields.map(({ number, from, to }) => ({ number, payload: bytes.subarray(from, to) }));
}

function readMessage(bytes: Buffer, name: string, schema: Schema): Tree {
  const tree: Tree = {};
  for (const { number, payload } of fieldsOf(bytes)) {
    const [field, form, element] = schema[name]?.[number]?.split(' ') ?? [];
    if (field === undefined || form === undefined)
      throw new Error(`${name} has no field ${number} on record`);
    if (element === undefined) tree[field] = readValue(payload, form, schema);
    else if (form === 'list')
      tree[field] = [...((tree[field] as unknown[]) ?? []), readValue(payload, element, schema)];
    else {
      const [key, value] = [1, 2].map((part) => fieldsOf(payload).find((f) => f.number === part)?.payload);
      const entries = (tree[field] as Tree) ?? {};
      tree[field] = { ...entries, [String(key ?? '')]: readValue(value ?? Buffer.alloc(0), element, schema) };
    }
  }
  return tree;
}

function readValue(payload: Buffer, type: string, schema: Schema): unknown {
  if (type === 'string' || type === 'bytes') return payload.toString('utf8');
  if (type === 'bool') return readVarint(payload, 0)?.value === 1;
  if (type === 'int32' || type === 'int64') return readVarint(payload, 0)?.value;
  return readMessage(payload, type, schema);
}
