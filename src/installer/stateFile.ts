import * as z from 'zod';
import { Failure } from '#base/failure.ts';

export const STATE_FILE = '.openshift_install_state.json';
/** Holds every private key, the pull secret and the kubeadmin password. */
export const STATE_FILE_MODE = 0o640;

const STAMP_KEY = '*sower.State';
const FORMAT = 1;

/** Values of assets by state key. */
export type State = ReadonlyMap<string, unknown>;

/** SHA-256 in hex by relative path. */
export type Digests = Readonly<Record<string, string>>;

/** What the state file says. */
export interface StateDocument {
  readonly values: State;
  /** Inputs that are being removed: a run that was killed left some of them, and they are no new input. */
  readonly consuming: Digests;
  /** Inputs as they were when they were last removed: base64 by relative path. Nothing that a person wrote is lost. */
  readonly consumed: Readonly<Record<string, string>>;
  /** When each target was last made, by its title: RFC 3339. */
  readonly made: Readonly<Record<string, string>>;
}

const EMPTY: StateDocument = { values: new Map(), consuming: {}, consumed: {}, made: {} };

const stampSchema = z.object({
  format: z.literal(FORMAT),
  consuming: z.record(z.string(), z.string()).default({}),
  consumed: z.record(z.string(), z.string()).default({}),
  made: z.record(z.string(), z.string()).default({}),
});

/**
 * Reads a state file; missing, empty and `{}` are an empty state.
 *
 * A state of another program (the original's, or of another format of ours) is refused: its values have other shapes.
 * @throws Failure installer/state-unreadable, installer/state-foreign
 */
export function parseState(text: string | undefined, path: string): StateDocument {
  const { [STAMP_KEY]: stamp, ...values } = parseObject(text ?? '', path);
  if (stamp === undefined && Object.keys(values).length === 0) return EMPTY;
  const parsed = stampSchema.safeParse(stamp);
  if (!parsed.success) {
    throw new Failure({
      code: 'installer/state-foreign',
      message: `failed to create asset store: state file "${path}" was made by another program, or by another version of this one`,
      hint: 'use another directory, and give it the install-config.yaml that the other installer prints with "create install-config"',
    });
  }
  const { consuming, consumed, made } = parsed.data;
  return { values: new Map(Object.entries(values)), consuming, consumed, made };
}

function parseObject(text: string, path: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // The parser's message quotes the text, which holds keys and passwords.
  }
  throw new Failure({
    code: 'installer/state-unreadable',
    message: `failed to create asset store: failed to unmarshal state file "${path}": it is no JSON object`,
    hint: 'restore the file, or remove it and give the directory its install-config.yaml again',
  });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON with sorted keys and four blanks of indentation, as upstream writes it. */
export function renderState({ values, consuming, consumed, made }: StateDocument): string {
  const stamp = {
    format: FORMAT,
    made,
    ...(Object.keys(consuming).length > 0 && { consuming }),
    ...(Object.keys(consumed).length > 0 && { consumed }),
  };
  const entries = [...values, [STAMP_KEY, stamp] as const];
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(entries), undefined, 4);
}
