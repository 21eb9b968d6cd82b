import type { RsaFloor } from './rsaFloor.ts';

/** What every section is measured with. */
export interface Bench {
  /** Folder of the built programs. */
  readonly executables: string;
  readonly floor: RsaFloor;
  /** Everything of a lab is built anew first. */
  readonly isCold: boolean;
}

/** A subject that is measured by itself: `npm run bench -- NAME`. */
export interface Section {
  readonly name: string;
  /** The line above its figures. */
  readonly title: string;
  /** Measures and prints. */
  run(bench: Bench): Promise<void>;
}

export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** A figure, and what it is to be held against: a bar, a floor, or the same work done plainly. */
export const row = (what: string, measured: string, beside: string): void =>
  print(`  ${what.padEnd(50)} ${measured.padStart(10)}   ${beside}`.trimEnd());

export const seconds = (value: number): string => `${value.toFixed(1)} s`;
