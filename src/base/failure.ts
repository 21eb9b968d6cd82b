/** What a Failure is made of. `facts` go into JSON output; nothing here may ever hold a secret. */
export interface FailureParts {
  /** Stable `room/what-went-wrong`, for example `ibi/seed-version-differs`. */
  readonly code: string;
  /** Lower-case sentence with the path and the reason. */
  readonly message: string;
  /** The next step for the person who reads it. */
  readonly hint?: string;
  readonly cause?: unknown;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** An expected error: something in the world or in the input is not as it must be. Everything else thrown is a defect. */
export class Failure extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(parts: FailureParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'Failure';
    this.code = parts.code;
    this.hint = parts.hint;
    this.facts = parts.facts ?? {};
  }
}

/** The messages of an error and of its causes, outermost first; for logs, never with stack traces. */
export function causeChain(error: unknown): string[] {
  const chain: string[] = [];
  for (let at: unknown = error; at !== undefined && at !== null && chain.length < 20; ) {
    chain.push(at instanceof Error ? at.message : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return chain;
}
