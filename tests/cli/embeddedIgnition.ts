import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { parseCpio } from '#formats/cpio.ts';
import { findEmbedArea } from '#formats/embedArea.ts';

interface Config {
  readonly ignition: { readonly version: string; readonly config: unknown; readonly security: unknown };
  readonly passwd: {
    readonly users: readonly { readonly name: string; readonly sshAuthorizedKeys: readonly string[] }[];
  };
  readonly storage: { readonly files: readonly ConfigFile[] };
  readonly systemd: {
    readonly units: readonly {
      readonly name: string;
      readonly enabled?: boolean;
      readonly contents: string;
    }[];
  };
}

interface ConfigFile {
  readonly path: string;
  readonly mode: number;
  readonly overwrite: boolean;
  readonly user: unknown;
  readonly contents: { readonly source: string };
}

/** What is embedded in an installation ISO, in the form of the recordings; undefined without a file. */
export async function readEmbeddedIgnition(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const area = await findEmbedArea({
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  });
  const archive = gunzipSync(bytes.subarray(area.offset, area.offset + area.length));
  const { ignition, passwd, storage, systemd } = JSON.parse(
    Buffer.from(parseCpio(archive)[0]!.content).toString('utf8'),
  ) as Config;
  return {
    ignition: { version: ignition.version, config: ignition.config, security: ignition.security },
    users: passwd.users.map(({ name, sshAuthorizedKeys }) => ({
      name,
      keys: sshAuthorizedKeys.length,
      keysEmpty: sshAuthorizedKeys.map((key) => key === ''),
    })),
    files: storage.files.map(factsOfFile),
    units: systemd.units.map(({ name, enabled, contents }) => ({
      name,
      enabled: enabled ?? null,
      hasContents: contents !== '',
    })),
  };
}

function factsOfFile({ path, mode, overwrite, user, contents }: ConfigFile): object {
  const [dataUrl = '', data = ''] = contents.source.split(',');
  const content = Buffer.from(data, 'base64').toString('utf8');
  // The recordings leave the text of scripts out.
  return {
    path,
    mode: `0o${mode.toString(8)}`,
    overwrite,
    user,
    dataUrl,
    ...(!path.endsWith('.sh') && { content }),
  };
}
