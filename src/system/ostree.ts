import { Failure } from '#base/failure.ts';
import type { Host } from './host.ts';

/** A line of `ostree admin status`. */
export interface OstreeDeployment {
  /** Position in the list; what `undeploy` takes. */
  readonly index: number;
  readonly osname: string;
  readonly checksum: string;
  readonly serial: number;
  readonly booted: boolean;
  readonly staged: boolean;
  /** Empty when the commit names none. */
  readonly version: string;
  /** Origin refspec, empty without an origin. */
  readonly refspec: string;
}

/** `<checksum>.<serial>`: the name of the deployment's directory and of its origin file. */
export const deploymentName = (d: OstreeDeployment): string => `${d.checksum}.${d.serial}`;

/** Where a deployment lies below its sysroot. */
export const deploymentDirectory = (sysroot: string, d: OstreeDeployment): string =>
  `${sysroot === '/' ? '' : sysroot}/ostree/deploy/${d.osname}/deploy/${deploymentName(d)}`;

export interface EtcChange {
  readonly change: 'added' | 'modified' | 'deleted';
  /** Relative to /etc. */
  readonly path: string;
}

export interface DeployOptions {
  readonly sysroot: string;
  readonly osname: string;
  /** Commit or ref. */
  readonly ref: string;
  /** Kernel arguments in order; nothing else is on the new deployment's command line but `ostree=`. */
  readonly kernelArguments: readonly string[];
}

/** libostree's command line. `sysroot` is `/` for the running system, otherwise where the target's root is mounted. */
export function ostree(host: Host, sysroot = '/') {
  const at = sysroot === '/' ? [] : [`--sysroot=${sysroot}`];
  const admin = (...args: string[]) => host.run(['ostree', 'admin', ...args]);
  const repo = `--repo=${sysroot === '/' ? '' : sysroot}/ostree/repo`;
  return {
    /** Makes an empty sysroot with a bare repository. */
    initFileSystem: async () => void (await admin('init-fs', '--modern', sysroot)),
    setOption: async (key: string, value: string) =>
      void (await host.run(['ostree', 'config', repo, 'set', key, value])),
    unsetOption: async (key: string) => void (await host.run(['ostree', 'config', repo, 'unset', key])),
    /** Hard links where source and target are on one file system. */
    pullLocal: async (source: string) => void (await host.run(['ostree', repo, 'pull-local', source])),
    osInit: async (osname: string) => void (await admin('os-init', ...at, osname)),
    deploy: async ({ osname, ref, kernelArguments }: Omit<DeployOptions, 'sysroot'>) => {
      const kargs = kernelArguments.map((argument) => `--karg-append=${argument}`);
      await admin('deploy', `--os=${osname}`, '--no-prune', ...at, ...kargs, ref);
    },
    undeploy: async (index: number) => void (await admin('undeploy', ...at, String(index))),
    /** Removes what belongs to no deployment. */
    cleanUp: async () => void (await admin('cleanup', ...at)),
    /** Reads every object and removes those that are not what their name says. */
    removeDamaged: async () =>
      void (await host.run(['ostree', repo, 'fsck', '--delete', '--quiet'], { okCodes: [0, 1] })),
    status: async (): Promise<OstreeDeployment[]> => parseOstreeStatus((await admin('status', ...at)).stdout),
    /** What differs in the running system's /etc from its deployment's /usr/etc. */
    configDiff: async (): Promise<EtcChange[]> => parseConfigDiff((await admin('config-diff')).stdout),
    refs: async (): Promise<string[]> =>
      (await host.run(['ostree', repo, 'refs'])).stdout.split('\n').filter((line) => line !== ''),
    /** Unix seconds of a commit. */
    commitTime: async (checksum: string): Promise<number> => {
      const { stdout } = await host.run(['ostree', repo, 'show', checksum]);
      const date = /^Date:\s+(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{4})$/m.exec(stdout);
      return date === null ? 0 : Math.floor(Date.parse(`${date[1]}T${date[2]}${date[3]}`) / 1000);
    },
  };
}

/** The booted deployment; Failure `system/ostree-not-booted` on a host that OSTree doesn't manage. */
export async function findBootedDeployment(host: Host): Promise<OstreeDeployment> {
  const booted = (await ostree(host).status()).find((d) => d.booted);
  if (booted !== undefined) return booted;
  throw new Failure({
    code: 'system/ostree-not-booted',
    message: '"ostree admin status" marks no deployment as booted',
    hint: 'run this on a host that was booted from an OSTree deployment',
  });
}

/** `* rhcos 0123...ef.0 (pending)` lines, each followed by indented facts. */
export function parseOstreeStatus(text: string): OstreeDeployment[] {
  const found: { -readonly [K in keyof OstreeDeployment]: OstreeDeployment[K] }[] = [];
  for (const line of text.split('\n')) {
    const head = /^([* ]) (\S+) ([0-9a-f]{64})\.(\d+)(?: \((.*)\))?$/.exec(line);
    const last = found.at(-1);
    if (head !== null) {
      found.push({
        index: found.length,
        osname: head[2]!,
        checksum: head[3]!,
        serial: Number(head[4]),
        booted: head[1] === '*',
        staged: head[5] === 'staged',
        version: '',
        refspec: '',
      });
    } else if (last !== undefined) {
      const fact = /^ {4}(Version|origin refspec): (.*)$/.exec(line);
      if (fact?.[1] === 'Version') last.version = fact[2]!;
      else if (fact !== null) last.refspec = fact[2]!;
    }
  }
  return found;
}

/** `M    name` lines. Names are printed as they are: blanks stay, and a line without a mark continues a name with a newline. */
export function parseConfigDiff(text: string): EtcChange[] {
  const marks = { A: 'added', M: 'modified', D: 'deleted' } as const;
  const found: { change: EtcChange['change']; path: string }[] = [];
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
  for (const line of lines) {
    const match = /^([AMD]) {4}(.*)$/s.exec(line);
    const last = found.at(-1);
    if (match !== null) found.push({ change: marks[match[1] as keyof typeof marks], path: match[2]! });
    else if (last !== undefined) last.path += `\n${line}`;
  }
  return found;
}
