import { inNetwork } from '#machines/site.ts';
import type { Host } from '#system/host.ts';
import type { Lab } from './lab.ts';

/** This machine with its feet in the lab's network: programs reach the lab's hosts and registry, and nothing else. */
export const networkHost = (lab: Lab): Pick<Host, 'run' | 'files'> => ({
  files: lab.host.files,
  run: (argv, options) => lab.host.run(inNetwork(lab.site, argv), options),
});
