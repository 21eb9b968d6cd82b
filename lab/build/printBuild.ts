import type { CacheObserver } from './cache.ts';

const NAME_WIDTH = 44;

/** Tells a build line by line, in the same columns as the timeline of a lab flow. */
export function printBuild(print: (line: string) => void): CacheObserver {
  return {
    onHit: (name) => print(buildLine('✓', name, '', 'cached')),
    onWait: (name) => print(buildLine('…', name, '', 'another process builds it')),
    onBuildStart: (name, log) => print(buildLine('…', name, '', `building, log: ${log}`)),
    onStage: (name, stage, seconds) => print(buildLine(' ', `${name}: ${stage}`, inSeconds(seconds), '')),
    onBuilt: (name, _, seconds) => print(buildLine('✓', name, inSeconds(seconds), 'built')),
  };
}

const inSeconds = (seconds: number): string => `${seconds.toFixed(1)} s`;

/** `  ✓ kubernetes                      291.3 s   built`. */
function buildLine(mark: string, name: string, time: string, note: string): string {
  return `  ${mark} ${name.padEnd(NAME_WIDTH)} ${time.padStart(8)}   ${note}`.trimEnd();
}
