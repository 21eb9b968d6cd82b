import { buildLab } from './all.ts';
import { printBuild } from './printBuild.ts';

/** `node lab/build/main.ts`: fills the cache and prints where everything is, as JSON. */
const products = await buildLab({ observer: printBuild((line) => process.stderr.write(`${line}\n`)) });
process.stdout.write(`${JSON.stringify(products, null, 2)}\n`);
