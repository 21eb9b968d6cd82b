import colors from 'picocolors';
import type { StageRecord, TimelineObserver } from '#lab/timeline.ts';
import type { TextSink } from './io.ts';

const NAME_WIDTH = 44;

/**
 * One line a stage when it ends; on a terminal also a line that shows which stages run, rewritten in place.
 * Without a terminal nothing is ever rewritten, so logs of pipelines stay readable.
 */
export function timelineView(sink: TextSink): TimelineObserver {
  const running: string[] = [];
  const showRunning = () => {
    if (!sink.isTTY || running.length === 0) return;
    const text = `  … ${running.join(', ')}`;
    sink.write(colors.dim(text.slice(0, sink.columns - 1)));
  };
  const clearRunning = () => {
    if (sink.isTTY) sink.write('\r\u001b[2K');
  };
  return {
    onStart(name) {
      clearRunning();
      running.push(name);
      showRunning();
    },
    onEnd(stage) {
      clearRunning();
      running.splice(running.indexOf(stage.name), 1);
      sink.write(`${stageLine(stage, sink.isTTY)}\n`);
      showRunning();
    },
  };
}

/** `  ✓ seed image                      21.3 s   318 MB`. */
export function stageLine(stage: StageRecord, color: boolean, width = NAME_WIDTH): string {
  const mark = stage.outcome === 'done' ? '✓' : '✗';
  const paint = colors.createColors(color);
  const painted = stage.outcome === 'done' ? paint.green(mark) : paint.red(mark);
  const time = `${stage.seconds.toFixed(1)} s`.padStart(8);
  return `  ${painted} ${stage.name.padEnd(width)} ${time}${stage.note === '' ? '' : `   ${paint.dim(stage.note)}`}`;
}
