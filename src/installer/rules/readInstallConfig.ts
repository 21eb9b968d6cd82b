import { type InstallConfig, parseInstallConfig } from '#api/installConfig.ts';
import { errorsOf, type Parsed, parsed, type Report } from '#base/report.ts';
import type { Installation } from './bareMetalRules.ts';
import { applyDefaults } from './defaults.ts';
import { validateInstallConfig } from './installConfigRules.ts';
import { upconvertInstallConfig, validateConversion } from './upconvert.ts';

/** How an install-config is read and for what. */
export interface CompleteReading extends Installation {
  /** `warning` reads it as upstream's versions before 2026 do. */
  readonly unknownKeys: 'error' | 'warning';
}

/**
 * Reads `install-config.yaml` for a cluster of any kind: converted, defaulted, and valid by every rule of
 * spec/installer/03.5. Problems have positions; those of the rules come after those of the shape.
 */
export function readInstallConfig(text: string, reading: CompleteReading): Parsed<InstallConfig> {
  let complete: InstallConfig | undefined;
  const rules = (config: InstallConfig): Report => {
    const conversion = validateConversion(config);
    if (errorsOf(conversion).length > 0) return conversion;
    complete = applyDefaults(upconvertInstallConfig(config));
    return validateInstallConfig(complete, reading);
  };
  const read = parseInstallConfig(text, { unknownKeys: reading.unknownKeys, rules });
  return read.ok ? parsed(complete ?? read.value, read.report) : read;
}
