export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

export interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Stories log through this; `cli` decides the format and the stream. Messages never hold secrets. */
export interface Logger {
  log(record: LogRecord): void;
}

export const debug = (logger: Logger, message: string, fields?: LogRecord['fields']): void =>
  logger.log({ level: 'debug', message, ...(fields && { fields }) });
export const info = (logger: Logger, message: string, fields?: LogRecord['fields']): void =>
  logger.log({ level: 'info', message, ...(fields && { fields }) });
export const warn = (logger: Logger, message: string, fields?: LogRecord['fields']): void =>
  logger.log({ level: 'warning', message, ...(fields && { fields }) });
export const error = (logger: Logger, message: string, fields?: LogRecord['fields']): void =>
  logger.log({ level: 'error', message, ...(fields && { fields }) });

export const silentLogger: Logger = { log: () => {} };
