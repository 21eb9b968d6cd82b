import { describe, expect, it } from 'vitest';
import { type InitMonitorOptions, runInitMonitor } from './initMonitor.ts';
import { TestWorld } from './testing.ts';

const CONFIG = '/var/lib/lca/autorollback_config.json';
const IP_CONFIG = '/var/lib/lca/workspace/ip-config-autorollback-config.json';

function monitor(files: Record<string, string>, options: Partial<InitMonitorOptions> = {}): Promise<void> {
  const world = new TestWorld({ files });
  return runInitMonitor(world, { mode: 'ibu', timeoutSeconds: 60, onTimeout: 'report', ...options });
}
const unsupported = { code: 'postpivot/rollback-unsupported' };

describe('of an upgrade', () => {
  it.each(['{}', '{"monitor_enabled":false}', '{"monitor_enabled":true,"monitor_timeout":0}'])(
    'nothing is watched with %s',
    async (config) => {
      await expect(monitor({ [CONFIG]: config })).resolves.toBeUndefined();
    },
  );

  it('a rollback that would be due is refused', async () => {
    await expect(monitor({ [CONFIG]: '{"monitor_enabled":true}' })).rejects.toMatchObject(unsupported);
  });

  it('the file says which upgrade it is, whatever the flag says', async () => {
    const files = {
      [IP_CONFIG]: '{"monitor_enabled":true}',
      '/var/lib/lca/workspace/initmonitor_mode': 'ipconfig\n',
    };
    await expect(monitor(files)).rejects.toMatchObject(unsupported);
    await expect(monitor({ [IP_CONFIG]: '{"monitor_enabled":true}' }, { mode: 'ipc' })).rejects.toMatchObject(
      unsupported,
    );
  });

  it('a component that stopped matters only if it is watched and failed', async () => {
    const files = { [CONFIG]: '{"enabled_components":{"postpivot":true}}' };
    const failed = { stoppedComponent: 'postpivot', serviceResult: 'exit-code' };
    await expect(monitor(files, failed)).rejects.toMatchObject(unsupported);
    await expect(monitor(files, { ...failed, serviceResult: 'success' })).resolves.toBeUndefined();
    await expect(monitor(files, { ...failed, stoppedComponent: 'config' })).resolves.toBeUndefined();
    await expect(monitor({}, failed)).resolves.toBeUndefined();
  });

  it('a configuration that is no JSON is named', async () => {
    await expect(monitor({ [CONFIG]: '{' })).rejects.toMatchObject({
      code: 'postpivot/rollback-config-invalid',
      message: expect.stringContaining(CONFIG),
    });
  });
});
