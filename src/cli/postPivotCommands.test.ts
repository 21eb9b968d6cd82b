import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Logger } from '#base/logger.ts';
import { MemoryHost } from '#system/testing.ts';
import { addPostPivotCommands } from './postPivotCommands.ts';

function run(host: MemoryHost, ...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const logger: Logger = { log: ({ message }) => void lines.push(message) };
  const program = new Command('lca-cli').exitOverride().configureOutput({ writeErr: () => {} });
  addPostPivotCommands(program, { host, logger: () => logger });
  return program.parseAsync(args, { from: 'user' }).then(() => lines);
}

describe('init-monitor', () => {
  it('ends for good on a host that is no installation', async () => {
    const host = new MemoryHost();
    expect(await run(host, 'init-monitor', '--monitor')).toHaveLength(1);
    expect(host.commands).toEqual([['systemctl', 'disable', 'lca-init-monitor.service']]);
  });

  it.each([
    ['--timeout', '0'],
    ['--timeout', '1h'],
    ['--on-timeout', 'explode'],
  ])('refuses %s %s', async (...flag) => {
    await expect(run(new MemoryHost(), 'init-monitor', '--monitor', ...flag)).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    });
  });

  it('does not pretend to roll back an upgrade', async () => {
    const host = new MemoryHost({ '/var/lib/lca/autorollback_config.json': '{"monitor_enabled":true}' });
    await expect(run(host, 'init-monitor', '--monitor')).rejects.toMatchObject({
      code: 'postpivot/rollback-unsupported',
    });
  });
});

describe('reset', () => {
  const failed = () =>
    new MemoryHost({ '/var/lib/lca/pristine/etc/hosts': 'as installed', '/etc/hosts': 'new' });

  it('does nothing where nobody can be asked', async () => {
    const host = failed();
    await expect(run(host, 'reset')).rejects.toMatchObject({
      code: 'cli/not-confirmed',
      message: expect.stringContaining('/etc'),
    });
    expect(host.files.tree()['/etc/hosts']).toBe('new');
    expect(host.commands).toEqual([]);
  });

  it('says that there is nothing to go back to before it asks', async () => {
    await expect(run(new MemoryHost(), 'reset')).rejects.toMatchObject({
      code: 'postpivot/no-pristine-copy',
    });
  });
});

describe('post-pivot', () => {
  it('refuses arguments it does not know', async () => {
    await expect(run(new MemoryHost(), 'post-pivot', '--force')).rejects.toMatchObject({
      code: 'commander.unknownOption',
    });
  });

  it('finishes an attempt whose cluster runs, without asking for its configuration again', async () => {
    const result = {
      ...{
        version: 1,
        outcome: 'finishing',
        attempt: 1,
        cluster_name: 'a',
        base_domain: 'b.example',
        cluster_id: 'c',
      },
      ...{ hostname: 'd', node_ips: [], started_at: '', updated_at: '', stages: [] },
    };
    const host = new MemoryHost({
      '/var/lib/lca/post-pivot-result.json': JSON.stringify(result),
      '/opt/openshift/recert_config.json': 'secret',
    });
    await run(host, 'post-pivot');
    expect(Object.keys(host.files.tree())).toEqual(['/var/lib/lca/post-pivot-result.json']);
    expect(host.commands).toEqual([['systemctl', 'disable', 'installation-configuration.service']]);
  });
});
