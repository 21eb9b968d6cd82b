import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { itemsAt, nodeAt, textAt } from './document.ts';
import { YamlText } from './yamlText.ts';

const TEXT = `# install
apiVersion: v1
baseDomain: 'old.com'   # kept
metadata:
  name: old
networking:
  machineNetwork:
  - cidr: 10.0.0.0/16
  - cidr: fd00::/64
  other: 010
pullSecret: '{"a":"b"}'
`;

describe('YAML edited in place', () => {
  it('changes scalars and keeps comments, quoting elsewhere and layout', () => {
    const document = YamlText.parse(TEXT);
    document.root.get('baseDomain')!.replace('new.org');
    nodeAt(document.root, 'metadata', 'name')!.replace('yes');
    expect(document.render().toString()).toBe(
      TEXT.replace("'old.com'", 'new.org').replace('name: old', 'name: "yes"'),
    );
  });

  it('replaces a block list by a flow list that reads the same', () => {
    const document = YamlText.parse(TEXT);
    nodeAt(document.root, 'networking', 'machineNetwork')!.replace([{ cidr: '1.2.3.0/24' }]);
    const text = document.render().toString();
    expect(parse(text)).toEqual({
      ...parse(TEXT),
      networking: { machineNetwork: [{ cidr: '1.2.3.0/24' }], other: 10 },
    });
    expect(text).toContain('# kept');
  });

  it('writes any text so that it reads back as that text', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const document = YamlText.parse('a: x\nb: [z]\n');
        document.root.get('a')!.replace(value);
        expect(parse(document.render().toString(), { version: '1.1' })).toEqual({ a: value, b: ['z'] });
      }),
    );
  });

  it('reads lists and refuses what is not YAML', () => {
    const { root } = YamlText.parse(TEXT);
    expect(itemsAt(root, 'networking', 'machineNetwork').map((item) => textAt(item, 'cidr'))).toHaveLength(2);
    expect(() => YamlText.parse('a: [')).toThrow(/not YAML/);
  });
});
