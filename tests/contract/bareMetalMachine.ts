import { expect } from 'vitest';
import { bootstrapFiles } from '#installer/bootstrap/bootstrapData.ts';
import type { BootstrapFacts } from '#installer/bootstrap/bootstrapFacts.ts';
import { openDataFiles } from '#system/dataFiles.ts';
import { bareMetalFacts } from './bootstrapFacts.ts';
import { type Answer, type MachineOutcome, NONE_HA, runOnMachine } from './bootstrapMachine.ts';
import { standInsFor, TEST_SCRIPT, testScript } from './bootstrapPrograms.ts';

/** Settings of `platform.baremetal` that differ from the usual ones. */
export type Settings = Record<string, unknown>;

const data = openDataFiles('installer/data');
/** The one interface that the test's machine has is the loopback. */
const LOOPBACK_MAC = '00:00:00:00:00:00';
const MACS = { provisioningMACAddress: LOOPBACK_MAC, externalMACAddress: LOOPBACK_MAC };

/** A bootstrap machine of bare metal whose interfaces are found. */
export const bareMetalMachine = (settings: Settings): BootstrapFacts =>
  bareMetalFacts(NONE_HA, { ...MACS, ...settings });

/** Texts of the machine's files by path. */
export const textsOf = (settings: Settings): Record<string, string> =>
  Object.fromEntries(
    bootstrapFiles(bareMetalMachine(settings), data).map(({ path, content }) => [path, content]),
  );

/** As systemd reads an EnvironmentFile. */
export const variablesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/** What is special about a run. */
export interface BareMetalRun {
  readonly settings?: Settings;
  readonly env?: Record<string, string>;
  readonly answers?: readonly Answer[];
  readonly files?: Record<string, string>;
}

const PROGRAMS = standInsFor('ip', 'ip6tables', 'iptables', 'nmcli');
export const NETWORK_SETTINGS = '/etc/ironic-network.env';

/** Runs lines of bash on the bootstrap machine, with the variables that its units would have. */
export function runOnBareMetal(
  unit: string,
  lines: readonly string[],
  { settings = {}, env = {}, answers = [], files = {} }: BareMetalRun,
): Promise<MachineOutcome> {
  const texts = textsOf(settings);
  const environment = Object.fromEntries(
    ['/etc/ironic.env', '/etc/metal3.env', NETWORK_SETTINGS].map((path) => [path, texts[path]!]),
  );
  return runOnMachine({
    facts: bareMetalMachine(settings),
    script: TEST_SCRIPT,
    unit,
    env: { ...variablesOf(texts[NETWORK_SETTINGS]!), ...variablesOf(texts['/etc/metal3.env']!), ...env },
    files: { ...PROGRAMS, ...environment, ...files, ...testScript(...lines) },
    answers,
  });
}

/** The outcome of a run that must not have failed. */
export function succeeded(outcome: MachineOutcome): MachineOutcome {
  expect(outcome.exits, outcome.output).toEqual([0]);
  return outcome;
}
