import { Failure } from '#base/failure.ts';

export const STATE_FILE = '.openshift_install_state.json';
/** Holds every private key, the pull secret and the kubeadmin password. */
export const STATE_FILE_MODE = 0o640;

const STAMP_KEY = '*sower.State';
const FORMAT = 1;

/** Values of assets by state key. */
export type State = ReadonlyMap<string, unknown>;

/**
 * Reads a state file; missing, empty and `{}` are an empty state.
 *
 * A state of another program (the original's, or of another format of ours) is refused: its values have other shapes.
 * @throws Failure installer/state-unreadable, installer/state-foreign
 */
export function parseState(text: string | undefined, path: string): State {
  const values = parseObject(text ?? '', path);
  const stamp = values[STAMP_KEY];
  if (Object.keys(values).length === 0) return new Map();
  if (!isObject(stamp) || stamp['format'] !== FORMAT) {
    throw new Failure({
      code: 'installer/state-foreign',
      message: `failed to create asset store: state file "${path}" was not made by this program or by another version of it`,
      hint: 'use another directory, and give it the install-config.yaml that the other installer prints with "create install-config"',
    });
  }
  const { [STAMP_KEY]: _, ...rest } = values;
  return new Map(Object.entries(rest));
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
export function renderState(state: State): string {
  const entries = [...state, [STAMP_KEY, { format: FORMAT }] as const];
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(entries), undefined, 4);
}
