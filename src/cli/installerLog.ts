import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '#base/failure.ts';
import type { Logger, LogLevel, LogRecord } from '#base/logger.ts';
import type { Io } from './io.ts';
import { isShown, type LogFormat, renderLogrusText, renderTime } from './logrus.ts';

export const LOG_FILE = '.openshift_install.log';

/** Upstream pads messages on a terminal to this width. */
const MESSAGE_WIDTH = 44;
const COLORS: Readonly<Record<Level, number>> = { debug: 37, info: 36, warning: 33, error: 31, fatal: 31 };

type Level = LogLevel | 'fatal';

/** The log of openshift-install: console on stderr by level and format, everything in the file (spec/installer/01.2). */
export interface InstallerLog extends Logger {
  /** The last entry of a run that failed. */
  fatal(message: string, fields?: LogRecord['fields']): void;
  /** Attaches `.openshift_install.log`; commands that only print have none. @throws Failure cli/log-file */
  openFile(path: string): void;
  close(): void;
}

export function installerLog(
  io: Io,
  options: { readonly level: LogLevel; readonly format: LogFormat },
): InstallerLog {
  let file: number | undefined;
  const write = (level: Level, message: string, fields: LogRecord['fields'] = {}): void => {
    const time = renderTime(io.now(), 'rfc3339');
    // The file has text only: problems and hints stand there as entries of their own.
    if (file !== undefined) appendFileSync(file, `${renderLogrusText(level, message, time)}\n`);
    if (level !== 'fatal' && !isShown(level, options.level)) return;
    if (options.format === 'json') {
      io.stderr.write(`${JSON.stringify({ time, level, msg: message, ...fields })}\n`);
      return;
    }
    for (const line of message.split('\n')) io.stderr.write(`${renderConsoleLine(io, level, line)}\n`);
  };
  return {
    log: ({ level, message, fields }) => write(level, message, fields),
    fatal: (message, fields) => write('fatal', message, fields),
    openFile: (path) => {
      file = openLogFile(path);
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function renderConsoleLine(io: Io, level: Level, line: string): string {
  if (!io.stderr.isTTY) return `level=${level} msg=${line}`;
  const label = level.toUpperCase();
  const shown = (io.env['NO_COLOR'] ?? '') === '' ? `\u001b[${COLORS[level]}m${label}\u001b[0m` : label;
  return `${shown} ${line.padEnd(MESSAGE_WIDTH)} `;
}

/** 0600: upstream's is readable by all, and entries of later commands hold the kubeadmin password. */
function openLogFile(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'a', 0o600);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new Failure({ code: 'cli/log-file', message: `failed to open log file: ${path}: ${reason}` });
  }
}
