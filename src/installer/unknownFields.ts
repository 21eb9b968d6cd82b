import { parseFieldPath } from '#api/fieldPath.ts';
import { isIgnoredField } from '#api/shape.ts';
import { info, type Logger, warn } from '#base/logger.ts';
import type { Report } from '#base/report.ts';

/**
 * Says which field of the install-config is ignored, where unknown fields are allowed, in the words of upstream's
 * versions before 2026 (spec/additions 2.6); `separator` is what they differ in. They name the first such field only,
 * so that the others are left in the report that is returned.
 */
export function tellUnknownField(report: Report, logger: Logger, separator: ': ' | ', err: '): Report {
  const first = report.find(isIgnoredField);
  if (first === undefined) return report;
  const key = parseFieldPath(first.path).at(-1);
  const reason = [
    'failed to parse first occurrence of unknown field',
    'failed to unmarshal install-config.yaml',
    `error unmarshaling JSON: while decoding JSON: json: unknown field "${key}"`,
  ].join(separator);
  warn(logger, reason);
  info(logger, 'Attempting to unmarshal while ignoring unknown keys because strict unmarshaling failed');
  return report.filter((problem) => problem !== first);
}
