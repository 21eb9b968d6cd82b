import type { InstallConfig } from '#api/installConfig.ts';
import type { Report } from '#base/report.ts';
import type { Installation } from './bareMetalRules.ts';
import { INSTALL_CONFIG_RULES } from './table.ts';

/** The rules of every target for a converted and defaulted install-config, in upstream's order; all are applied. */
export const validateInstallConfig = (
  config: InstallConfig,
  installation: Installation = { isAgent: false },
): Report =>
  INSTALL_CONFIG_RULES.filter(({ target }) => target === 'all').flatMap(({ find }) =>
    find(config, installation),
  );
