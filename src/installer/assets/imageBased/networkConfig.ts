import { stringify } from 'yaml';

/** nmstate as YAML with sorted keys and no comments, because upstream's document takes a turn through JSON; `''` without one. */
export const renderNetworkConfig = (state: Readonly<Record<string, unknown>> | undefined): string =>
  state === undefined
    ? ''
    : stringify(state, { version: '1.1', lineWidth: 0, indentSeq: false, sortMapEntries: true });
