import colors from 'picocolors';
import type { MemberEnd } from '#lab/clone/fleet.ts';
import type { StageRecord, TimelineObserver } from '#lab/timeline.ts';
import { failureLine } from './failureText.ts';
import type { TextSink } from './io.ts';
import { stageLine } from './timelineView.ts';

/** The longest name of a clone, a colon, and the longest name of a stage. */
const NAME_WIDTH = 56;
const EVERY_MILLISECONDS = 1000;

/** A line of the view: a clone, or the seed. */
interface Line {
  readonly name: string;
  readonly began: number;
  /** What runs, oldest first. */
  readonly running: string[];
  end?: MemberEnd;
}

/**
 * What clones that are made at the same time are doing. On a terminal one line each, rewritten in place, with the seed
 * above them; elsewhere a line for each stage that has ended, so that logs of pipelines stay readable.
 */
export class FleetView {
  /** Told the stages of the seed. */
  readonly seed: TimelineObserver;
  readonly #sink: TextSink;
  readonly #clock: () => number;
  readonly #lines: readonly Line[];
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param clock monotonic seconds */
  constructor(sink: TextSink, names: readonly string[], clock = () => performance.now() / 1000) {
    this.#sink = sink;
    this.#clock = clock;
    this.#lines = ['seed', ...names].map((name) => ({ name, began: clock(), running: [] }));
    this.seed = this.member('seed');
    if (!sink.isTTY) return;
    this.#timer = setInterval(() => this.#draw(), EVERY_MILLISECONDS);
    this.#timer.unref();
  }

  /** Told the stages of one clone. */
  member(name: string): TimelineObserver {
    const { running } = this.#line(name);
    return {
      onStart: (stage) => {
        running.push(shortStage(stage));
        this.#draw();
      },
      onEnd: (stage) => {
        running.splice(running.indexOf(shortStage(stage.name)), 1);
        if (!this.#sink.isTTY) this.#tellStage(name, stage);
        this.#draw();
      },
    };
  }

  /** A clone is there, or won't be. */
  ended(end: MemberEnd): void {
    const line = this.#line(end.wanted.clusterName);
    line.end = end;
    if (!this.#sink.isTTY) this.#sink.write(`${renderLine(line, this.#nameWidth(), end.seconds, false)}\n`);
    this.#draw();
  }

  /** Draws for the last time: what is written next comes below. */
  close(): void {
    clearInterval(this.#timer);
    this.#draw();
    this.#drawn = 0;
  }

  #tellStage(name: string, stage: StageRecord): void {
    const told = { ...stage, name: `${name}: ${shortStage(stage.name)}` };
    this.#sink.write(`${stageLine(told, false, NAME_WIDTH)}\n`);
  }

  #draw(): void {
    if (!this.#sink.isTTY) return;
    const shown = this.#lines.map((line) => {
      const seconds = line.end?.seconds ?? this.#clock() - line.began;
      return cut(renderLine(line, this.#nameWidth(), seconds, true), this.#sink.columns - 1);
    });
    const back = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}F\u001b[J`;
    this.#sink.write(`${back}${shown.join('\n')}\n`);
    this.#drawn = shown.length;
  }

  #line(name: string): Line {
    const line = this.#lines.find((candidate) => candidate.name === name);
    if (line === undefined) throw new Error(`the fleet has no ${name}`);
    return line;
  }

  #nameWidth(): number {
    return Math.max(...this.#lines.map(({ name }) => name.length));
  }
}

/** True of a clone that is there with every line of its comparison as it should be. */
export const isAsItShouldBe = ({ outcome }: MemberEnd): boolean =>
  outcome?.rows.every(({ ok }) => ok) ?? false;

/** Lines begin with the name already. */
const shortStage = (stage: string): string => stage.replace(/^(clone|seed): /, '');

/** `  ✓ store-1     74.3 s   57 comparisons as they should be, API ready 12.1 s after the ISO`. */
function renderLine({ name, running, end }: Line, width: number, seconds: number, color: boolean): string {
  const paint = colors.createColors(color);
  const mark = markOf(end, paint);
  const time = `${seconds.toFixed(end === undefined ? 0 : 1)} s`.padStart(8);
  const now = running.length === 0 ? '' : paint.dim(running.join(', '));
  const text = end === undefined ? now : endText(end);
  return `  ${mark} ${name.padEnd(width)} ${time}   ${text}`.trimEnd();
}

function markOf(end: MemberEnd | undefined, paint: ReturnType<typeof colors.createColors>): string {
  if (end === undefined) return '…';
  return isAsItShouldBe(end) ? paint.green('✓') : paint.red('✗');
}

function endText({ outcome, error }: MemberEnd): string {
  if (outcome === undefined) return failureLine(error).replaceAll('\n', ' ');
  const { rows, configurationSeconds } = outcome;
  const bad = rows.filter(({ ok }) => !ok).length;
  const verdict = bad === 0 ? 'comparisons as they should be' : `comparisons, ${bad} not as they should be`;
  return `${rows.length} ${verdict}, API ready ${configurationSeconds.toFixed(1)} s after the ISO`;
}

/** Cuts what a terminal would wrap: a line that takes two could not be drawn anew. */
function cut(text: string, columns: number): string {
  let width = 0;
  return text.replaceAll(/\u001b\[[0-9;]*m|[^\u001b]/gu, (part) =>
    part.startsWith('\u001b') || width++ < columns ? part : '',
  );
}
