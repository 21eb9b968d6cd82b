import * as z from 'zod';
import { type Parsed, type Problem, problem } from '#base/report.ts';
import { anyMapping, decodeText, mapping, optional, text } from './shape.ts';

/** CoreOS stream metadata (spec/installer/08.2): where the boot images of one stream are, by architecture. */
export interface StreamMetadata {
  readonly stream: string;
  readonly metadata?: { readonly 'last-modified': string; readonly generator?: string };
  readonly architectures: Readonly<Record<string, StreamArchitecture>>;
}

interface StreamArchitecture {
  readonly artifacts: Readonly<Record<string, StreamPlatform>>;
  /** Images that clouds have already, by cloud; each has a form of its own. */
  readonly images: Readonly<Record<string, unknown>>;
}

interface StreamPlatform {
  readonly release: string;
  /** Format (`qcow2.gz`), then kind: `disk`, or `kernel`, `initramfs` and `rootfs` for PXE. */
  readonly formats: Readonly<Record<string, Readonly<Record<string, StreamArtifact>>>>;
}

interface StreamArtifact {
  readonly location: string;
  readonly signature?: string;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Of what comes out of the compressed file. */
  readonly 'uncompressed-sha256'?: string;
}

const artifact = mapping({
  location: text,
  signature: optional(text),
  sha256: text,
  'uncompressed-sha256': optional(text),
});

const mappingOf = <Value extends z.ZodType>(value: Value) =>
  z.record(z.string(), value, { error: 'expected a mapping' });

const schema = mapping({
  stream: text,
  metadata: optional(mapping({ 'last-modified': text, generator: optional(text) })),
  architectures: mappingOf(
    mapping({
      artifacts: mappingOf(mapping({ release: text, formats: mappingOf(mappingOf(artifact)) })),
      images: anyMapping.default({}),
    }),
  ),
});

/** Reads a stream file, of a newer version too: what is not known here is dropped with a warning. */
export function parseStreamMetadata(source: string): Parsed<StreamMetadata> {
  return decodeText<StreamMetadata>(source, { schema, unknownKeys: 'warning', rules: validateStream });
}

const SHA256 = /^[0-9a-f]{64}$/;

/** What is downloaded is checked by these sums only. */
function validateStream({ architectures }: StreamMetadata): Problem[] {
  const names = Object.keys(architectures);
  if (names.length === 0) return [problem('architectures', 'at least one is needed')];
  return names.flatMap((name) => {
    const { artifacts } = architectures[name]!;
    if (Object.keys(artifacts).length === 0)
      return [problem(`architectures.${name}.artifacts`, 'at least one is needed')];
    return Object.entries(artifacts).flatMap(([platform, { formats }]) =>
      Object.entries(formats).flatMap(([format, kinds]) =>
        Object.entries(kinds).flatMap(([kind, found]) =>
          artifactProblems(`architectures.${name}.artifacts.${platform}.formats[${format}].${kind}`, found),
        ),
      ),
    );
  });
}

function artifactProblems(path: string, found: StreamArtifact): Problem[] {
  const uncompressed = found['uncompressed-sha256'];
  return [
    ...(URL.canParse(found.location) && /^https?:$/.test(new URL(found.location).protocol)
      ? []
      : [problem(`${path}.location`, 'must be a URL of http or https')]),
    ...(SHA256.test(found.sha256) ? [] : [problem(`${path}.sha256`, 'must be 64 hexadecimal digits')]),
    ...(uncompressed === undefined || SHA256.test(uncompressed)
      ? []
      : [problem(`${path}.uncompressed-sha256`, 'must be 64 hexadecimal digits')]),
  ];
}
