import { type BackgroundWork, backgroundWork } from '#base/backgroundWork.ts';
import type { CheckedInstallation } from './check.ts';
import type { IbiContext } from './context.ts';
import { type PrecacheInput, precacheImages } from './precache.ts';
import type { PreparedDisk } from './prepareDisk.ts';
import type { ResultLog } from './resultLog.ts';
import type { Workspace } from './resume.ts';
import type { Stateroot } from './stateroot.ts';

/** What the steps of one installation hand to each other; reading what no step has set yet is a defect. */
export class Installation {
  readonly context: IbiContext;
  readonly log: ResultLog;
  /** Runs beside the work on the root file system. */
  readonly precaching: BackgroundWork;
  /** Set before the first change of the disk. */
  prepared: PreparedDisk | undefined;
  /** Set by the step that makes it, or looked up after an interruption. */
  stateroot: Stateroot | undefined;
  #precacheInput: PrecacheInput | undefined;
  #checked: CheckedInstallation | undefined;
  #workspace: Workspace | undefined;

  constructor(context: IbiContext, log: ResultLog) {
    this.context = context;
    this.log = log;
    this.precaching = backgroundWork(async (signal) => {
      const { target } = this.checked;
      const input = known(this.#precacheInput, 'image list');
      log.note({ precache: await precacheImages(context, target, input, signal) });
    });
  }

  get checked(): CheckedInstallation {
    return known(this.#checked, 'checks');
  }

  set checked(checked: CheckedInstallation) {
    this.#checked = checked;
  }

  get workspace(): Workspace {
    return known(this.#workspace, 'workspace');
  }

  set workspace(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Begins with the first call; a later one changes nothing. */
  beginPrecaching(input: PrecacheInput): void {
    this.#precacheInput ??= input;
    this.precaching.start();
  }
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`a step ran before the ${what}`);
  return value;
}
