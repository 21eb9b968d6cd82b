import { Failure } from '#base/failure.ts';
import type { Host } from '#system/host.ts';
import type { Lab } from './lab.ts';

const TAIL_LINES = 15;

/**
 * Runs one of the programs whose log goes to standard output, keeps the log in the lab's folder and, if the program
 * fails, puts the end of it into the Failure `lab/program-failed`.
 */
export async function runLogged(
  lab: Lab,
  host: Pick<Host, 'run'>,
  options: { readonly log: string; readonly argv: readonly string[] },
): Promise<void> {
  const { argv, log } = options;
  const anyCode = Array.from({ length: 256 }, (_, code) => code);
  const result = await host.run(argv, { okCodes: anyCode });
  const path = `${lab.folder}/logs/${log}.log`;
  await lab.host.files.makeDirectory(`${lab.folder}/logs`, 0o700);
  await lab.host.files.write(path, `${result.stdout}${result.stderr}`, { mode: 0o600 });
  if (result.code === 0) return;
  const tail = `${result.stdout}${result.stderr}`.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  throw new Failure({
    code: 'lab/program-failed',
    message: `${argv.join(' ')} failed with exit code ${result.code}; the end of its log:\n${tail}`,
    hint: `the whole log is in ${path}`,
  });
}
