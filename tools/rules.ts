import { RULE_ROWS } from '#installer/rules/rows.ts';
import { INSTALL_CONFIG_RULES } from '#installer/rules/table.ts';

/** Lists the rows of spec/installer/03.5 that no rule stands for. */
const covered = new Set(INSTALL_CONFIG_RULES.flatMap(({ rows }) => rows));
const missing = RULE_ROWS.filter(({ id }) => !covered.has(id));
for (const { id, about } of missing) process.stdout.write(`${id}: ${about}\n`);
process.stdout.write(
  `${INSTALL_CONFIG_RULES.length} rules; ${missing.length} of ${RULE_ROWS.length} rows without one\n`,
);
