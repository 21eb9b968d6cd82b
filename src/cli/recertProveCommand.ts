import { parseCryptoInventory } from '#api/cryptoInventory.ts';
import { proofFailure } from '#recert/prove.ts';
import { proveAgainst } from '#recert/proveAgainst.ts';
import { refusal } from './failureText.ts';
import { type Subcommand, UsageError } from './recertFlags.ts';

/** `recert prove`: fails, with the places, when anything of another cluster is in this one. */
export const proveCommand: Subcommand = {
  flags: { against: {}, 'raw-dir': {} },
  async run({ against, 'raw-dir': rawDirectory }, { config, means, io }) {
    if (against === undefined)
      throw new UsageError("'--against' is required: the file that 'recert inspect -o json' wrote");
    const read = parseCryptoInventory(await means.host.files.readText(against));
    if (!read.ok) throw refusal('recert/inventory', against, read.report);
    const rawDirectories = rawDirectory === undefined ? [] : [rawDirectory];
    const proof = await proveAgainst(read.value, { config, means, rawDirectories });
    const failure = proofFailure(proof);
    if (failure !== undefined) throw failure;
    const { keys, certificates, tokens } = read.value;
    io.stdout.write(
      `Proved: none of ${keys.length} keys, ${certificates.length} certificates and ${tokens.length} tokens is left, and every chain and key fits\n`,
    );
  },
};
