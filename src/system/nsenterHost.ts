import type { Host } from './host.ts';

/** All namespaces of the host's first process that lifecycle-agent enters (3.1). */
const ENTER = ['nsenter', '--target', '1', '--cgroup', '--mount', '--ipc', '--net', '--pid', '--'];
const PROGRAM_DIRECTORIES = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin'];

/**
 * The host as a privileged container sees it: programs run in the host's own namespaces, files are those that the
 * container has mounted at the same paths.
 */
export function nsenterHost(host: Host): Host {
  return {
    files: host.files,
    run: (argv, options) => host.run([...ENTER, ...argv], options),
    start: (argv, options) => host.start([...ENTER, ...argv], options),
    launch: (argv, options) => host.launch([...ENTER, ...argv], options),
    has: async (program) => {
      for (const directory of PROGRAM_DIRECTORIES) {
        if (await host.files.exists(`/proc/1/root/${directory}/${program}`)) return true;
      }
      return false;
    },
  };
}
