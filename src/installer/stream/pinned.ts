import type { StreamMetadata } from '#api/streamMetadata.ts';
import rhcos from './rhcos.json' with { type: 'json' };

/** The CoreOS release that this version installs; tools/updateStream.ts makes the file. */
export const pinnedStream: StreamMetadata = rhcos;

/** What `coreos print-stream-json` prints: the file itself. */
export const renderPinnedStream = (): string => `${JSON.stringify(pinnedStream, null, 2)}\n`;
