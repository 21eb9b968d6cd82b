import { expect, test } from 'vitest';
import { logrusLogger, renderLogrusText } from './logrus.ts';

const now = () => new Date('2026-11-20T10:00:00Z');

function sink(isTTY: boolean) {
  const lines: string[] = [];
  return { lines, isTTY, columns: 80, write: (text: string) => void lines.push(text) };
}

test('without a terminal the line is that of logrus', () => {
  const out = sink(false);
  const logger = logrusLogger({
    sink: out,
    level: 'info',
    format: 'text',
    color: true,
    now,
    timestamp: 'plain',
  });
  logger.log({ level: 'info', message: 'Seed image pushed', fields: { digest: 'sha256:ab' } });
  logger.log({ level: 'debug', message: 'hidden' });
  expect(out.lines).toEqual([
    'time="2026-11-20 10:00:00" level=info msg="Seed image pushed" digest="sha256:ab"\n',
  ]);
});

test('values are quoted as logrus quotes them', () => {
  expect(renderLogrusText('fatal', 'a "b"', '2026-11-20T10:00:00Z', { path: '/a/b', empty: '' })).toBe(
    'time="2026-11-20T10:00:00Z" level=fatal msg="a \\"b\\"" path=/a/b empty=""',
  );
});

test('json has one object a line', () => {
  const out = sink(true);
  logrusLogger({ sink: out, level: 'debug', format: 'json', color: true, now, timestamp: 'rfc3339' }).log({
    level: 'warning',
    message: 'm',
  });
  expect(JSON.parse(out.lines.join(''))).toEqual({
    time: '2026-11-20T10:00:00Z',
    level: 'warning',
    msg: 'm',
  });
});
