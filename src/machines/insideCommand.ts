import type { RunOptions } from '#system/host.ts';

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  TERM: 'dumb',
  LANG: 'C.UTF-8',
};

/** What a program inside gets after its time is over, before it is ended for good. */
export const GRACE_SECONDS = 5;

/** argv that runs a program inside a machine with an environment of its own; directory and time limit are kept inside. */
export function insideCommand(
  argv: readonly string[],
  options: Pick<RunOptions, 'cwd' | 'env' | 'timeoutSeconds'> = {},
): string[] {
  const { cwd, env, timeoutSeconds } = options;
  const variables = Object.entries({ ...ENVIRONMENT, ...env }).map(([name, value]) => `${name}=${value}`);
  const directory = cwd === undefined ? [] : [`--chdir=${cwd}`];
  const limit =
    timeoutSeconds === undefined ? [] : ['timeout', `--kill-after=${GRACE_SECONDS}`, String(timeoutSeconds)];
  return ['env', '--ignore-environment', ...directory, ...variables, ...limit, ...argv];
}
