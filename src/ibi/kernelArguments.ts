import type { MachineConfig } from '#api/machineConfig.ts';

/** What our own disk layout needs: no Ignition or live command line tells the initramfs where the root is. */
const OWN_LAYOUT = ['root=LABEL=root', 'rw', 'console=tty0', 'console=ttyS0'];

export interface KernelArgumentFacts {
  readonly machineConfig: MachineConfig;
  readonly coreosInstallerArgs: readonly string[];
  /** True where this program laid out the disk, false where coreos-installer did. */
  readonly ownLayout: boolean;
}

/**
 * The new deployment's command line: the machine config's arguments, those of FIPS, then what the user gave to
 * coreos-installer. The original leaves the last in the deployment that is removed again (lifecycle-agent 20, D24).
 */
export function planKernelArguments(facts: KernelArgumentFacts): string[] {
  const { kernelArguments, fips } = facts.machineConfig;
  const planned = [
    ...(facts.ownLayout ? OWN_LAYOUT : []),
    ...kernelArguments,
    ...(fips ? ['fips=1', 'boot=LABEL=boot'] : []),
  ];
  const given = optionValues(facts.coreosInstallerArgs, '--append-karg');
  const deleted = optionValues(facts.coreosInstallerArgs, '--delete-karg');
  return [...planned, ...given].filter((argument) => !deleted.includes(argument));
}

/** Values of `--name value` and `--name=value`. */
export function optionValues(args: readonly string[], name: string): string[] {
  return args.flatMap((arg, index) => {
    if (arg.startsWith(`${name}=`)) return [arg.slice(name.length + 1)];
    const value = args[index + 1];
    return arg === name && value !== undefined ? [value] : [];
  });
}
