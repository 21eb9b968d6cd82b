/** The lab's own network: a bridge on the machine that runs it, with the hosts behind it. */
export const LAB_NETWORK = {
  subnet: '192.168.150.0/24',
  prefixLength: 24,
  /** The machine itself, as its hosts see it. */
  gateway: '192.168.150.1',
} as const;

/** The lab's registry: `name` stands in pull specs, `endpoint` is where it answers (plain HTTP, on the bridge only). */
export const LAB_REGISTRY = {
  name: 'registry.lab:5000',
  endpoint: `${LAB_NETWORK.gateway}:5000`,
} as const;

/** The pull spec of one of the lab's own images, for example `registry.lab:5000/lab/pause:1`. */
export const labImage = (name: string, tag: string): string => `${LAB_REGISTRY.name}/lab/${name}:${tag}`;
