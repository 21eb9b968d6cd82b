import { describe, expect, test } from 'vitest';
import { dataUrlOf, emptyIgnition, ignitionFile, renderIgnition, renderSparseIgnition } from './ignition.ts';

describe('dataUrlOf', () => {
  const TEXT = 'text/plain;charset=utf-8';
  test.each([
    ['nothing', '', TEXT],
    ['text', '#!/bin/bash\n\techo "ä"\r\n', TEXT],
    ['the escape character', '\x1b[1m', TEXT],
    ['XML', '\n <?xml version="1.0"?>', 'text/xml;charset=utf-8'],
    ['a zero byte', Buffer.from([0x61, 0]), 'application/octet-stream'],
    ['a vertical tab', '\x0b', 'application/octet-stream'],
    ['a compressed file', Buffer.from([0x1f, 0x8b, 0x08, 0]), 'application/x-gzip'],
    [
      'a zero byte as the 512th',
      Buffer.concat([Buffer.alloc(511, 'a'), Buffer.alloc(1)]),
      'application/octet-stream',
    ],
    ['a zero byte as the 513th', Buffer.concat([Buffer.alloc(512, 'a'), Buffer.alloc(1)]), TEXT],
  ])('names the media type of %s', (_, content, type) => {
    const url = dataUrlOf(content);
    expect(url.split(';base64,')[0]).toBe(`data:${type}`);
    expect(Buffer.from(url.split(';base64,')[1]!, 'base64')).toEqual(Buffer.from(content as string));
  });
});

describe('renderSparseIgnition', () => {
  const file = ignitionFile('/etc/motd', 0o644, '');
  const config = { ...emptyIgnition(), storage: { files: [file] }, systemd: { units: [] } };

  test('leaves empty members out at every depth, and keeps zero, false and empty text', () => {
    expect(
      JSON.parse(renderSparseIgnition({ ...config, passwd: { a: 0, b: false, c: '', d: null } })),
    ).toEqual({
      ignition: { version: '3.2.0' },
      passwd: { a: 0, b: false, c: '' },
      storage: {
        files: [
          {
            overwrite: true,
            path: '/etc/motd',
            user: { name: 'root' },
            contents: { source: 'data:text/plain;charset=utf-8;base64,' },
            mode: 0o644,
          },
        ],
      },
    });
  });

  test('is another form of what the installation ISO has', () => {
    expect(JSON.parse(renderIgnition(config)).storage.files[0]).toMatchObject({
      group: {},
      contents: { verification: {} },
    });
  });
});
