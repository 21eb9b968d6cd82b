import { expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { installUnits, removeUnits } from './executable.ts';
import { seedContext } from './testing.ts';

test('the units of a first boot and the link of its screen come and go together', async () => {
  const host = new MemoryHost({ '/etc/issue': 'System' });
  for (let time = 1; time <= 2; time++) await installUnits(seedContext(host));
  expect(Object.keys(host.files.tree()).sort()).toEqual([
    '/etc/issue',
    '/etc/systemd/system/installation-configuration.service',
    '/etc/systemd/system/lca-init-monitor.service',
  ]);
  expect(await host.files.readLink('/etc/issue.d/70_lca-post-pivot.issue')).toBe('/run/lca/screen.issue');
  await removeUnits(seedContext(host));
  expect(Object.keys(host.files.tree())).toEqual(['/etc/issue']);
  expect(await host.files.exists('/etc/issue.d/70_lca-post-pivot.issue')).toBe(false);
});
