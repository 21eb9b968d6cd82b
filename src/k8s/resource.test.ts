import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemsAt, nodeAt } from '#formats/document.ts';
import { lengthDelimited, varint } from '#formats/protobufWire.ts';
import { dataKeys, dataOf, editData, replaceAnnotation, setData } from './data.ts';
import { editLeaves } from './leaves.ts';
import { renameManagedField } from './managedFields.ts';
import { documentOf, editResource, identityOf, parseResource, rawOf } from './resource.ts';

const field = (number: number, content: string | Uint8Array): Buffer =>
  lengthDelimited(number, Buffer.from(content as Uint8Array));
const envelope = (kind: string, raw: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, Buffer.concat([field(1, 'v1'), field(2, kind)])),
    field(2, raw),
    field(3, ''),
    field(4, ''),
  ]);
const entry = (number: number, key: string, value: string | Uint8Array): Buffer =>
  field(number, Buffer.concat([field(1, key), field(2, value)]));
const unknown = Buffer.concat([field(77, 'later'), varint(78 * 8), varint(5)]);

const secret = (data: Buffer[]): Buffer =>
  envelope(
    'Secret',
    Buffer.concat([
      field(1, Buffer.concat([field(1, 'n'), field(3, 'ns'), entry(12, 'a', 'x'), unknown])),
      ...data,
      unknown,
    ]),
  );

describe('stored objects', () => {
  it('takes JSON with bytes that are no text as something else, so that they survive', () => {
    const json = Buffer.from('{"kind":"ConfigMap","data":{"a":"old","b":"?"}}');
    json[json.indexOf('?')] = 0xff;
    const resource = parseResource('/k', json);
    expect(resource.encoding).toBe('other');
    const edited = editLeaves(resource, (value) =>
      Buffer.from(value.toString('latin1').replace('old', 'new'), 'latin1'),
    );
    expect(edited.value.toString('latin1')).toBe(json.toString('latin1').replace('old', 'new'));
  });

  it('edits one value of a protobuf object and keeps every other byte', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), fc.uint8Array({ maxLength: 300 }), (blob, text, other) => {
        const build = (value: string) =>
          secret([entry(2, 'b', blob), entry(2, 'k', value), entry(2, 'z', other)]);
        const edited = setData(parseResource('/s', build('before')), 'k', text);
        expect(edited.value).toEqual(build(text));
      }),
    );
  });

  it('answers the very same resource when nothing changes', () => {
    const resource = parseResource('/s', secret([entry(2, 'k', 'v')]));
    expect(setData(resource, 'k', 'v')).toBe(resource);
    expect(editData(resource, 'absent', () => 'x')).toBe(resource);
    expect(replaceAnnotation(resource, 'b', 'x')).toBe(resource);
    expect(editLeaves(resource, () => undefined)).toBe(resource);
  });

  it('reads names, keys and annotations, and renames keys with their managed fields', () => {
    const managed = field(
      17,
      Buffer.concat([field(1, 'm'), field(7, field(1, '{"f:data":{".":{},"f:old":{}}}'))]),
    );
    const raw = Buffer.concat([field(1, Buffer.concat([field(1, 'n'), managed])), entry(2, 'old', 'v')]);
    let resource = parseResource('/s', envelope('Secret', raw));
    resource = editResource(resource, (root) => root.get('data')?.rename('old', 'new'));
    resource = renameManagedField(resource, 'f:data', 'f:old', 'f:new');
    expect(identityOf(resource)).toEqual({ namespace: '', name: 'n' });
    expect([dataKeys(resource), dataOf(resource, 'new')]).toEqual([['new'], 'v']);
    expect(resource.value.toString('latin1')).toContain('{"f:data":{".":{},"f:new":{}}}');
  });

  it('handles secrets stored as JSON, whose data is base64', () => {
    const json = '{"kind":"Secret","apiVersion":"v1","data":{"k":"b2xk"},"n":1.0}\n';
    const edited = setData(parseResource('/s', Buffer.from(json)), 'k', 'new');
    expect([dataOf(edited, 'k'), edited.value.toString()]).toEqual(['new', json.replace('b2xk', 'bmV3')]);
  });

  it('adds, drops and rearranges messages of a list', () => {
    const env = (name: string, value: string) => field(7, Buffer.concat([field(1, name), field(2, value)]));
    const container = field(2, Buffer.concat([field(1, 'c'), env('A', '1'), env('B', '2'), unknown]));
    const raw = field(2, field(3, field(2, container)));
    const edited = editResource(parseResource('/d', envelope('Deployment', raw)), (root) => {
      const list = nodeAt(itemsAt(root, 'spec', 'template', 'spec', 'containers')[0], 'env')!;
      list.arrange([{ added: { name: 'N', value: '3' } }, list.items()[1]!]);
    });
    const expected = field(2, Buffer.concat([field(1, 'c'), env('N', '3'), env('B', '2'), unknown]));
    expect(rawOf(edited)).toEqual(field(2, field(3, field(2, expected))));
  });

  it('removes a field and adds one in its place by number', () => {
    const raw = Buffer.concat([field(1, field(1, 'r')), field(2, field(3, 'to')), field(3, 'status')]);
    const edited = editResource(parseResource('/r', envelope('Route', raw)), (root) => {
      root.remove('status');
      root.get('spec')?.set('host', 'h');
    });
    expect(rawOf(edited)).toEqual(
      Buffer.concat([field(1, field(1, 'r')), field(2, Buffer.concat([field(1, 'h'), field(3, 'to')]))]),
    );
  });
});

describe('all values of an object', () => {
  const upper = (value: Buffer): Buffer | undefined =>
    value.includes('find me')
      ? Buffer.from(value.toString('latin1').replace('find me', 'FOUND, and longer'), 'latin1')
      : undefined;

  it('edits values at any depth of a kind that nobody has a schema for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }),
        fc.uint8Array({ maxLength: 200 }),
        (path, noise) => {
          const build = (text: string): Buffer =>
            envelope(
              'Strange',
              path.reduce(
                (inner, number) =>
                  Buffer.concat([
                    varint(99 * 8),
                    varint(1),
                    field(number, inner),
                    field(98, Buffer.concat([Buffer.alloc(1), noise])),
                  ]),
                field(5, `-- ${text} --\n`),
              ),
            );
          const edited = editLeaves(parseResource('/x', build('find me')), upper);
          expect(edited.value).toEqual(build('FOUND, and longer'));
        },
      ),
    );
  });

  it('names values by JSON pointer in both encodings', () => {
    const pointers: string[] = [];
    const note = (_: Buffer, pointer: string) => void pointers.push(pointer);
    editLeaves(parseResource('/s', secret([entry(2, 'a/b', 'v')])), note);
    editLeaves(parseResource('/j', Buffer.from('{"l":[{"x~y":"v"}]}')), note);
    expect(pointers).toContain('/data/a~1b');
    expect(pointers).toContain('/metadata/annotations/a');
    expect(pointers).toContain('/l/0/x~0y');
  });

  it('never throws on arbitrary values', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (bytes, isEnvelope) => {
        const value = isEnvelope ? envelope('Secret', Buffer.from(bytes)) : Buffer.from(bytes);
        const resource = parseResource('/x', value);
        expect(editLeaves(resource, () => undefined)).toBe(resource);
      }),
    );
  });

  it('reads nothing of what is not an object', () => {
    expect(documentOf(parseResource('/x', Buffer.from('plain')))).toBeUndefined();
  });
});
