import { Failure } from '#base/failure.ts';
import { buildLab } from './all.ts';
import { printBuild } from './printBuild.ts';

const tell = (line: string) => process.stderr.write(`${line}\n`);

/** `node lab/build/main.ts`: fills the cache and prints where everything is, as JSON. */
try {
  const products = await buildLab({ observer: printBuild(tell) });
  process.stdout.write(`${JSON.stringify(products, null, 2)}\n`);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  tell(`the lab could not be built: ${error.message}`);
  if (error.hint !== undefined) tell(error.hint);
  process.exitCode = 1;
}
