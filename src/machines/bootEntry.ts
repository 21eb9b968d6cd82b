/** A Boot Loader Specification entry as OSTree writes it to `/boot/loader/entries`. */
export interface BootEntry {
  readonly title: string;
  /** OSTree numbers its entries; the highest boots by default. */
  readonly version: number;
  readonly kernelArguments: readonly string[];
}

/** Lines are `key value`; `options` may come more than once. Anything else is left alone, as boot loaders do. */
export function parseBootEntry(text: string): BootEntry {
  let title = '';
  let version = 0;
  const kernelArguments: string[] = [];
  for (const line of text.split('\n')) {
    const [, key, rest] = /^([a-z-]+)[ \t](.*)$/.exec(line) ?? [];
    const value = rest?.trim() ?? '';
    if (key === 'title') title = value;
    if (key === 'version') version = Number.parseInt(value, 10) || 0;
    if (key === 'options') kernelArguments.push(...value.split(/\s+/).filter(Boolean));
  }
  return { title, version, kernelArguments };
}

/** What a boot loader would start by default: the newest deployment. */
export const findDefaultEntry = (entries: readonly BootEntry[]): BootEntry | undefined =>
  [...entries].sort((a, b) => b.version - a.version)[0];

/** The value of `ostree=`, for example `/ostree/boot.1/labos/<checksum>/0`: a link to the deployment. */
export const deploymentLink = (entry: BootEntry): string | undefined =>
  entry.kernelArguments.find((word) => word.startsWith('ostree=/'))?.slice('ostree='.length);
