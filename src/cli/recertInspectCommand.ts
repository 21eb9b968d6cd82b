import { inspect } from '#recert/inspect.ts';
import { renderInventoryGraph } from '#recert/inventoryGraph.ts';
import { type Subcommand, UsageError } from './recertFlags.ts';
import { renderInventory } from './recertInspect.ts';

/** `recert inspect`: prints all keys, certificates and tokens of a cluster. */
export const inspectCommand: Subcommand = {
  flags: { output: { short: 'o', default: 'table' } },
  async run({ output = '' }, { config, means, io }) {
    if (!['table', 'json', 'dot'].includes(output))
      throw new UsageError(`invalid value '${output}' for '--output': use table, json or dot`);
    const inventory = await inspect(config, means);
    if (output === 'table') io.stdout.write(renderInventory(inventory, io.now()));
    else if (output === 'json') io.stdout.write(`${JSON.stringify(inventory, undefined, 2)}\n`);
    else io.stdout.write(renderInventoryGraph(inventory));
  },
};
