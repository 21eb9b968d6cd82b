import { expect, test } from 'vitest';
import { renderXml } from './xml.ts';

test('elements stand inside each other, and empty ones are closed at once', () => {
  const bus = { name: 'target', attributes: { dev: 'vda', bus: 'virtio' } };
  expect(renderXml({ name: 'disk', attributes: { type: 'volume' }, children: [bus, 'text'] })).toBe(
    '<disk type="volume"><target dev="vda" bus="virtio"/>text</disk>',
  );
});

test('values can not leave their place', () => {
  expect(renderXml({ name: 'a', attributes: { b: '"/><c d=\'' }, children: ['</a>&'] })).toBe(
    '<a b="&quot;/&gt;&lt;c d=&apos;">&lt;/a&gt;&amp;</a>',
  );
});
