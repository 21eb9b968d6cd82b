import { expect, test } from 'vitest';
import { resetMachineIdentity } from './machineIdentity.ts';
import { ibiContext } from './testing.ts';

const places = { deployment: '/d', directory: '/s' };

test('the machine-id is a new version 4 UUID, and per-machine state of the seed goes', async () => {
  const context = ibiContext(
    {},
    {
      '/d/etc/machine-id': 'of the seed',
      '/s/var/lib/dbus/machine-id': 'a copy',
      '/s/var/lib/systemd/random-seed': 'shared',
      '/s/var/lib/systemd/timers/x': 'kept',
    },
    () => ({}),
  );
  await resetMachineIdentity(context, places);
  expect(context.host.files.tree()).toEqual({
    '/d/etc/machine-id': `${'f'.repeat(12)}4fffbf${'f'.repeat(14)}\n`,
    '/s/var/lib/systemd/timers/x': 'kept',
  });
});

test('a link of D-Bus to the machine-id stays', async () => {
  const context = ibiContext({}, {}, () => ({}));
  await context.host.files.symlink('/etc/machine-id', '/s/var/lib/dbus/machine-id');
  await resetMachineIdentity(context, places);
  expect(await context.host.files.readLink('/s/var/lib/dbus/machine-id')).toBe('/etc/machine-id');
});
