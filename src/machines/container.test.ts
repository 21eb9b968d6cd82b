import { describe, expect, test } from 'vitest';
import { MemoryHost } from '#system/testing.ts';
import { ContainerHost, enterContainer } from './container.ts';

const stat = (pid: number, parent: number, command: string): string =>
  `${pid} (${command}) S ${parent} ${Array.from({ length: 17 }, () => 0).join(' ')} 9 0\n`;

describe('enterContainer', () => {
  test('gives the program an environment of its own, the wanted one over it', () => {
    const argv = enterContainer(77, ['prog', 'a b'], { cwd: '/d', env: { HOME: '/h', X: '1' } });
    expect(argv.slice(0, 2)).toEqual(['nsenter', '--target=77']);
    expect(argv).not.toContain('--cgroup');
    const env = argv.slice(argv.indexOf('env'));
    expect(env.slice(0, 3)).toEqual(['env', '--ignore-environment', '--chdir=/d']);
    expect(env).toContain('HOME=/h');
    expect(env).toContain('X=1');
    expect(env.slice(-2)).toEqual(['prog', 'a b']);
  });

  test('keeps the time limit inside, where it reaches the program', () => {
    const argv = enterContainer(77, ['prog'], { timeoutSeconds: 3 });
    expect(argv.slice(-4)).toEqual(['timeout', '--kill-after=5', '3', 'prog']);
  });
});

describe('ContainerHost', () => {
  const nspawn = { pid: 50, startTicks: '9' };
  const files = {
    '/proc/50/stat': stat(50, 1, 'systemd-nspawn'),
    '/proc/51/stat': stat(51, 50, 'systemd-nspawn'),
    '/proc/51/status': 'Name:\tsystemd-nspawn\nNSpid:\t51\t1\n',
    '/proc/52/stat': stat(52, 50, 'systemd'),
    '/proc/52/status': 'Name:\tsystemd\nNSpid:\t52\t1\n',
    '/proc/53/stat': stat(53, 50, 'other'),
    '/proc/53/status': 'Name:\tother\nNSpid:\t53\n',
    '/proc/54/stat': stat(54, 1, 'systemd'),
    '/proc/54/status': 'Name:\tsystemd\nNSpid:\t54\t1\n',
  };

  test("enters the first process inside, not one that still prepares the container on this machine's files", async () => {
    const host = new MemoryHost(files);
    await new ContainerHost(host, 'm', nspawn).run(['prog']);
    expect(host.commands[0]?.slice(0, 2)).toEqual(['nsenter', '--target=52']);
  });

  test('input and accepted codes stay outside, directory and environment go inside', async () => {
    const seen: unknown[] = [];
    const host = new MemoryHost(files, (_, options) => {
      seen.push(options);
      return {};
    });
    const options = { cwd: '/x', env: { A: 'b' }, input: 'text', okCodes: [3, 0], timeoutSeconds: 1 };
    await new ContainerHost(host, 'm', nspawn).run(['prog'], options);
    expect(seen).toEqual([{ input: 'text', okCodes: [3, 0], timeoutSeconds: 11 }]);
  });
});
