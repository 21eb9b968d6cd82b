import { dirname } from 'node:path';
import { SEED_MEMBERS } from '#api/seedImage.ts';
import { SCREEN, SEED_UNITS } from '#api/units.ts';
import { Failure } from '#base/failure.ts';
import { systemd } from '#system/systemd.ts';
import { SEED_PATHS, type SeedContext } from './context.ts';

/** Puts the program that clones will run into /var (first boot) and into the image's root (installation). */
export async function copyExecutable({ host, executable }: SeedContext): Promise<void> {
  const { files } = host;
  const facts = await files.facts(executable);
  if (facts?.kind !== 'file' && facts?.kind !== 'symlink') throw noExecutable(executable);
  await files.makeDirectory('/var/usrlocal/bin');
  // Read and written, not copied: the source may be a link, and may be the running program itself.
  await files.write(SEED_PATHS.executable, await files.read(executable), { mode: 0o755 });
  await files.copy(SEED_PATHS.executable, `${SEED_PATHS.backup}/${SEED_MEMBERS.executable}`);
  await files.remove(SEED_PATHS.recert);
  await files.symlink('lca-cli', SEED_PATHS.recert);
}

/** The units of a clone's first boot; enabled, so that their links are in etc.tgz. Its screen is prepared too. */
export async function installUnits({ host }: SeedContext): Promise<void> {
  for (const unit of SEED_UNITS) await host.files.write(`${SEED_PATHS.units}/${unit.name}`, unit.text);
  await host.files.makeDirectory(dirname(SCREEN.link));
  await host.files.remove(SCREEN.link);
  await host.files.symlink(SCREEN.file, SCREEN.link);
  await systemd(host).reload();
  for (const unit of SEED_UNITS) await systemd(host).enable(unit.name);
}

export async function removeUnits({ host }: SeedContext): Promise<void> {
  for (const unit of SEED_UNITS) {
    const path = `${SEED_PATHS.units}/${unit.name}`;
    if (!(await host.files.exists(path))) continue;
    await host.run(['systemctl', 'disable', '--now', unit.name]);
    await host.files.remove(path);
  }
  await host.files.remove(SCREEN.link);
  await systemd(host).reload();
}

const noExecutable = (path: string): Failure =>
  new Failure({
    code: 'seed/no-executable',
    message: `${path} is not an executable that could travel in the seed`,
    hint: 'run the built lca-cli, or name it with --executable',
  });
