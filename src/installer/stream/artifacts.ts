import type { StreamMetadata } from '#api/streamMetadata.ts';
import { Failure } from '#base/failure.ts';

/** Names of architectures in install-config that streams call otherwise. */
const STREAM_NAMES: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

/** The stream's name of an architecture. */
export const streamArchitecture = (name: string): string => STREAM_NAMES[name] ?? name;

type StreamArchitecture = StreamMetadata['architectures'][string];

/** @throws Failure installer/stream-lacks with upstream's words */
export function requireArchitecture(stream: StreamMetadata, architecture: string): StreamArchitecture {
  const found = stream.architectures[architecture];
  if (found !== undefined) return found;
  throw lacking(`stream:${stream.stream} does not have architecture '${architecture}'`);
}

/**
 * URL of a platform's disk image, with the checksum of what comes out of it (spec/installer/08.4).
 * @throws Failure installer/stream-lacks with upstream's words
 */
export function diskUrl(stream: StreamMetadata, architecture: string, platform: string): string {
  const artifacts = requireArchitecture(stream, architecture).artifacts[platform];
  if (artifacts === undefined) throw lacking(`${stream.stream}/${architecture}: No ${platform} build found`);
  const disks = Object.values(artifacts.formats).flatMap(({ disk }) => (disk === undefined ? [] : [disk]));
  const [disk, ...others] = disks;
  if (disk === undefined) throw lacking('no "disk" artifact found');
  if (others.length > 0) throw lacking('multiple "disk" artifacts found');
  return `${disk.location}?sha256=${disk['uncompressed-sha256'] ?? disk.sha256}`;
}

const lacking = (message: string): Failure =>
  new Failure({
    code: 'installer/stream-lacks',
    message,
    hint: 'use an architecture of this release ("coreos print-stream-json" lists them), or name an image of your own',
  });
