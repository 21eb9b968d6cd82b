import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerOf, isAnswer, QemuMessageReader, renderCommand } from './qemuMessages.ts';

test('messages are found however the stream is cut', () => {
  const messages = [{ return: { text: 'ünö\n' } }, { event: 'RESET' }, { return: {} }];
  const bytes = Buffer.from(messages.map((message) => `${JSON.stringify(message)}\r\n`).join(''));
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length })), (cuts) => {
      const reader = new QemuMessageReader();
      const ends = [...cuts, bytes.length].sort((a, b) => a - b);
      const found = ends.flatMap((end, index) => reader.feed(bytes.subarray(ends[index - 1] ?? 0, end)));
      expect(found).toEqual(messages);
    }),
  );
});

test('what was meant for somebody who asked before is dropped, also half a line of it', () => {
  const reader = new QemuMessageReader();
  expect(reader.feed(Buffer.from('{"return": 1}\n{"retu'))).toEqual([{ return: 1 }]);
  const answer = Buffer.concat([Buffer.from('rn": 2\n'), Buffer.of(0xff), Buffer.from('{"return": 3}\n')]);
  expect(reader.feed(answer)).toEqual([{ return: 3 }]);
});

test('a line that is no message is refused', () => {
  for (const line of ['{', '[]', '3', 'null', 'boot>']) {
    expect(() => new QemuMessageReader().feed(Buffer.from(`${line}\n`))).toThrow(
      expect.objectContaining({ code: 'system/qemu-message' }),
    );
  }
});

test('an answer is told from events, and a refusal becomes a failure with its reason', () => {
  const command = { execute: 'device_add' };
  expect(renderCommand(command)).toBe('{"execute":"device_add"}\n');
  expect([{ event: 'RESET' }, { QMP: {} }, { return: {} }, { error: {} }].map(isAnswer)).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(answerOf(command, { return: { id: 4 } })).toEqual({ id: 4 });
  expect(() => answerOf(command, { error: { class: 'GenericError', desc: 'no such bus' } })).toThrow(
    'QEMU refused device_add: no such bus',
  );
});
