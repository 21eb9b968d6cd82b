import { loadavg } from 'node:os';
import { obtainExecutables } from '#lab/executable.ts';
import { localHost } from '#system/localHost.ts';
import { demoSection } from './demo.ts';
import { fleetSection } from './fleet.ts';
import { installSection } from './install.ts';
import { installerSection } from './installer.ts';
import { recertSection } from './recert.ts';
import { measureRsaFloor } from './rsaFloor.ts';
import { print, row, type Section } from './section.ts';
import { seedSection } from './seed.ts';
import { startupSection } from './startup.ts';

/**
 * `npm run bench [-- NAME... [--cold]]`: the figures of this machine, each beside its bar or its floor; of the named
 * sections alone, or of all. `--cold` builds everything of the demo anew into a cache of its own first, which takes a
 * quarter of an hour.
 */
const SECTIONS: readonly Section[] = [
  recertSection,
  installerSection,
  startupSection,
  demoSection,
  seedSection,
  installSection,
  fleetSection,
];

const words = process.argv.slice(2);
const names = words.filter((word) => word !== '--cold');
const unknown = names.filter((name) => !SECTIONS.some((section) => section.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no section ${unknown.join(', ')}; there are ${SECTIONS.map(({ name }) => name).join(', ')}\n`,
  );
  process.exitCode = 1;
} else await run(names.length === 0 ? SECTIONS : SECTIONS.filter(({ name }) => names.includes(name)));

async function run(sections: readonly Section[]): Promise<void> {
  tellLoad('before');
  const executables = await obtainExecutables(localHost, () => {});
  const floor = await measureRsaFloor();
  row(
    'RSA-2048 key, all cores busy',
    `${(floor.secondsPerKey * 1000).toFixed(0)} ms`,
    `${floor.cores} cores`,
  );
  for (const section of sections) {
    print(`\n  ${section.title}`);
    await section.run({ executables, floor, isCold: words.includes('--cold') });
  }
  print('');
  tellLoad('after');
}

function tellLoad(when: string): void {
  print(`load ${when}: ${loadavg()[0]?.toFixed(2)} (figures of a busy machine say little)`);
}
