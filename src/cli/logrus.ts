import type { Logger, LogLevel, LogRecord } from '#base/logger.ts';
import type { TextSink } from './io.ts';

export type LogFormat = 'text' | 'json';

export interface LogrusOptions {
  readonly sink: TextSink;
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly color: boolean;
  readonly now: () => Date;
  /** openshift-install prints `time="2026-11-20T10:00:00Z"`, lca-cli `time="2026-11-20 10:00:00"` (spec/additions 6). */
  readonly timestamp: 'rfc3339' | 'plain';
}

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warning', 'error'];
const COLORS: Record<LogLevel, number> = { debug: 37, info: 36, warning: 33, error: 31 };

/** True if records of `level` are shown when the threshold is `threshold`. */
export const isShown = (level: LogLevel, threshold: LogLevel): boolean =>
  ORDER.indexOf(level) >= ORDER.indexOf(threshold);

/** A Logger that writes the lines of logrus' text formatter, or one JSON object a line. */
export function logrusLogger(options: LogrusOptions): Logger {
  return {
    log(record) {
      if (!isShown(record.level, options.level)) return;
      options.sink.write(`${renderLine(record, options)}\n`);
    },
  };
}

function renderLine(record: LogRecord, options: LogrusOptions): string {
  const time = renderTime(options.now(), options.timestamp);
  if (options.format === 'json') {
    return JSON.stringify({ time, level: record.level, msg: record.message, ...record.fields });
  }
  if (options.color && options.sink.isTTY) return renderForTerminal(record, time, options.timestamp);
  return renderLogrusText(record.level, record.message, time, record.fields);
}

/** `time="..." level=info msg="..." key=value`, as logrus writes without a terminal. */
export function renderLogrusText(
  level: LogLevel | 'fatal',
  message: string,
  time: string,
  fields: LogRecord['fields'] = {},
): string {
  const extra = Object.entries(fields).map(([key, value]) => ` ${key}=${quoteIfNeeded(String(value))}`);
  return `time=${quoteIfNeeded(time)} level=${level} msg=${quoteIfNeeded(message)}${extra.join('')}`;
}

function renderForTerminal(record: LogRecord, time: string, timestamp: LogrusOptions['timestamp']): string {
  const label = record.level.toUpperCase().slice(0, 4);
  const stamp = timestamp === 'plain' ? `[${time}]` : '';
  const extra = Object.entries(record.fields ?? {}).map(([key, value]) => ` ${key}=${String(value)}`);
  return `\u001b[${COLORS[record.level]}m${label}\u001b[0m${stamp} ${record.message}${extra.join('')}`;
}

/** Logrus leaves a value bare only when it is made of these characters. */
function quoteIfNeeded(text: string): string {
  return text !== '' && /^[A-Za-z0-9\-._/@^+]+$/.test(text) ? text : JSON.stringify(text);
}

export function renderTime(now: Date, timestamp: LogrusOptions['timestamp']): string {
  const iso = now.toISOString();
  return timestamp === 'rfc3339' ? `${iso.slice(0, 19)}Z` : `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}
