import type { Host } from './host.ts';

/** systemctl of the running system. */
export function systemd(host: Pick<Host, 'run'>) {
  const systemctl = async (...args: string[]): Promise<void> => void (await host.run(['systemctl', ...args]));
  return {
    start: (unit: string) => systemctl('start', unit),
    /** Returns at once: for a unit that is not to be waited for. */
    startLater: (unit: string) => systemctl('start', '--no-block', unit),
    stop: (unit: string) => systemctl('stop', unit),
    restart: (unit: string) => systemctl('restart', unit),
    enable: (unit: string) => systemctl('enable', unit),
    enableNow: (unit: string) => systemctl('enable', '--now', unit),
    disable: (unit: string) => systemctl('disable', unit),
    reload: () => systemctl('daemon-reload'),
    /** Forgets that a unit failed too often; without it a restart is refused for the unit's rate limit. */
    resetFailed: async (unit: string): Promise<void> =>
      void (await host.run(['systemctl', 'reset-failed', unit], { okCodes: [0, 1] })),
    /** Exit codes other than 0 (3 = inactive, 4 = no such unit) are "no". */
    isActive: async (unit: string): Promise<boolean> =>
      (await host.run(['systemctl', 'is-active', '--quiet', unit], { okCodes: [0, 1, 2, 3, 4] })).code === 0,
    /** A property as systemd has it now, `''` when the unit is unknown. */
    property: async (unit: string, name: string): Promise<string> =>
      (await host.run(['systemctl', 'show', '--value', `--property=${name}`, unit])).stdout.trim(),
  };
}
