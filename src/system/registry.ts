import { Failure } from '#base/failure.ts';
import type { Host } from './host.ts';

/** What a registry says about an image, without pulling it. */
export interface RemoteImage {
  /** `sha256:...` of the manifest that was found under the name. */
  readonly digest: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As in the image's configuration: `amd64`, `arm64`. Empty when it is not stated. */
  readonly architecture: string;
  /** Compressed bytes of all layers. */
  readonly layerBytes: number;
}

export interface RegistryAccess {
  readonly authfile?: string;
  /** Another registries.conf than the system's; skopeo does not look at podman's variable for it. */
  readonly registriesConf?: string;
}

/** skopeo: mirrors, insecure registries and the like come from registries.conf, as for podman. */
export function registry(host: Host, { authfile, registriesConf }: RegistryAccess = {}) {
  const auth = authfile === undefined ? [] : [`--authfile=${authfile}`];
  const skopeo = ['skopeo', ...(registriesConf === undefined ? [] : [`--registries-conf=${registriesConf}`])];
  return {
    /** Failure `system/image-unreadable` with skopeo's reason. */
    inspect: async (image: string): Promise<RemoteImage> => {
      const argv = [...skopeo, 'inspect', '--no-tags', '--retry-times=3', ...auth, `docker://${image}`];
      const { stdout } = await host.run(argv).catch((cause: Error) => {
        throw new Failure({
          code: 'system/image-unreadable',
          message: `could not read image ${image} from its registry: ${cause.message}`,
          hint: 'check the pull spec, the registry, the credentials and registries.conf of this host',
          cause,
        });
      });
      return parseInspection(stdout);
    },
    /** Copies the image into an OCI layout directory, verified by digest; layers keep their compression. */
    copyToLayout: async (image: string, directory: string): Promise<void> => {
      const argv = [...skopeo, 'copy', '--retry-times=3', '--quiet', '--dest-oci-accept-uncompressed-layers'];
      await host.run([...argv, ...auth, `docker://${image}`, `oci:${directory}`]);
    },
    /** Pushes an OCI layout directory; the answer is the digest that the registry has now. */
    push: async (layout: string, image: string, digestFile: string): Promise<string> => {
      const argv = [...skopeo, 'copy', '--retry-times=3', '--quiet', '--preserve-digests', ...auth];
      await host.run([...argv, `--digestfile=${digestFile}`, `oci:${layout}`, `docker://${image}`]);
      return (await host.files.readText(digestFile)).trim();
    },
  };
}

export function parseInspection(json: string): RemoteImage {
  const found = JSON.parse(json) as {
    Digest?: string;
    Architecture?: string;
    Labels?: Record<string, string> | null;
    LayersData?: { Size?: number }[];
  };
  return {
    digest: found.Digest ?? '',
    labels: found.Labels ?? {},
    architecture: found.Architecture ?? '',
    layerBytes: (found.LayersData ?? []).reduce((sum, layer) => sum + Math.max(layer.Size ?? 0, 0), 0),
  };
}

/** `registry:5000/name:tag` or `...@sha256:...` with the digest in place of tag and digest. */
export function pinnedTo(image: string, digest: string): string {
  const name = image.split('@')[0]!;
  const slash = name.lastIndexOf('/');
  const colon = name.indexOf(':', slash);
  return `${colon < 0 ? name : name.slice(0, colon)}@${digest}`;
}
