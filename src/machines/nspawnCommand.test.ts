import { describe, expect, test } from 'vitest';
import { bootCommand, liveCommand } from './nspawnCommand.ts';
import { siteAt } from './site.ts';

const site = siteAt('place', '/state/place');
const deployment = { stateroot: 'os', root: '/m/d', varFolder: '/m/v', kernelArguments: [] };

describe('bootCommand', () => {
  const argv = bootCommand(site, 'one', { file: '/f', sysroot: '/m:x', containers: '/c' }, deployment);

  test('enters the network by nsenter, which leaves the control groups in sight', () => {
    expect(argv.slice(0, 4)).toEqual(['nsenter', '--net=/run/netns/sower-place', '--', 'systemd-nspawn']);
  });

  test('binds the disk not recursively, and paths with colons as they are meant', () => {
    expect(argv).toContain('--bind=/m\\:x:/sysroot:norbind');
    expect(argv).toContain('--bind=/m/v:/var');
    expect(argv).toContain('--bind-ro=/m/d/usr:/usr');
    expect(argv).toContain('--bind=/c:/var/lib/containers');
  });

  test('binds no container store where the disk has none', () => {
    const plain = bootCommand(site, 'one', { file: '/f', sysroot: '/m', containers: undefined }, deployment);
    expect(plain.some((word) => word.includes('/var/lib/containers'))).toBe(false);
  });
});

test('a live environment shares the network of the site and is not booted', () => {
  const argv = liveCommand(site, 'live', '/root', '/var-of-it');
  expect(argv).toContain('--network-namespace-path=/run/netns/sower-place');
  expect(argv).not.toContain('--boot');
});
