/** A process that can't be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the start of the machine and that of the process: field 22 of /proc/PID/stat. */
  readonly startTicks: string;
}

/** What /proc tells about a process. */
export interface ProcessFacts extends ProcessIdentity {
  /** The first 15 letters of the program's name. */
  readonly command: string;
  readonly parent: number;
  /** It has ended and waits for its parent to notice. */
  readonly isZombie: boolean;
}

/** One line of /proc/PID/stat; the name in it may hold blanks and brackets. `undefined` for anything else. */
export function parseProcessStat(text: string): ProcessFacts | undefined {
  const match = /^(\d+) \((.*)\) (.+)$/s.exec(text.trimEnd());
  const fields = match?.[3]?.split(' ') ?? [];
  const [pid, command, startTicks] = [match?.[1], match?.[2], fields[19]];
  if (pid === undefined || command === undefined || startTicks === undefined) return undefined;
  return { pid: Number(pid), command, startTicks, parent: Number(fields[1]), isZombie: fields[0] === 'Z' };
}
