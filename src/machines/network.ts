import type { Host } from '#system/host.ts';
import { listMountPoints } from '#system/mounts.ts';
import { networkNamespaceFile, type Site } from './site.ts';

/** The bridge that joins the machines of a site, inside the site's own network namespace. */
export const BRIDGE = 'br0';

/**
 * Makes the site's network: a namespace with one bridge in it and no route out, so what runs there reaches the site's
 * machines and nothing else. What is there already is kept.
 * @param address the bridge's own, with prefix length, for example `192.168.150.1/24`
 */
export async function upNetwork(host: Host, site: Site, address: string): Promise<void> {
  const file = networkNamespaceFile(site);
  const isMounted = (await listMountPoints(host)).some((mount) => mount.target === file);
  if (!isMounted) {
    await host.files.remove(file); // left by an "ip netns add" that was cut short
    await host.run(['ip', 'netns', 'add', site.networkNamespace]);
  }
  const ip = (...words: string[]): Promise<unknown> =>
    host.run(['ip', '-n', site.networkNamespace, ...words]);
  const links = (await listLinks(host, site)) ?? [];
  if (!links.includes(BRIDGE)) await ip('link', 'add', BRIDGE, 'type', 'bridge');
  await ip('address', 'replace', address, 'dev', BRIDGE);
  await ip('link', 'set', BRIDGE, 'up');
  await ip('link', 'set', 'lo', 'up');
}

/** Adds an interface that a virtual machine puts its frames on, joined to the bridge. */
export async function addTap(host: Host, site: Site, name: string): Promise<void> {
  const ip = (...words: string[]): Promise<unknown> =>
    host.run(['ip', '-n', site.networkNamespace, ...words]);
  await ip('tuntap', 'add', 'dev', name, 'mode', 'tap');
  await ip('link', 'set', name, 'master', BRIDGE, 'up');
}

/** One that is not there is fine. */
export async function removeTap(host: Host, site: Site, name: string): Promise<void> {
  if (!(await listLinks(host, site))?.includes(name)) return;
  await host.run(['ip', '-n', site.networkNamespace, 'link', 'delete', name]);
}

/** Removes the namespace; its bridge and the machines' interfaces end with it. */
export async function downNetwork(host: Host, site: Site): Promise<void> {
  if (!(await host.files.exists(networkNamespaceFile(site)))) return;
  await host.run(['ip', 'netns', 'delete', site.networkNamespace]);
}

/** Names of the network interfaces in the site's namespace; `undefined` if there is no such namespace. */
export async function listLinks(host: Host, site: Site): Promise<string[] | undefined> {
  if (!(await host.files.exists(networkNamespaceFile(site)))) return undefined;
  const result = await host.run(['ip', '-n', site.networkNamespace, '-json', 'link', 'show'], {
    okCodes: [0, 1],
  });
  if (result.code !== 0) return [];
  const links = JSON.parse(result.stdout) as { ifname?: string }[];
  return links.flatMap((link) => link.ifname ?? []);
}

/** Processes of this machine that are in the site's network; those inside its machines are in networks of their own. */
export async function networkProcesses(host: Host, site: Site): Promise<number[]> {
  if (!(await host.files.exists(networkNamespaceFile(site)))) return [];
  const result = await host.run(['ip', 'netns', 'pids', site.networkNamespace], { okCodes: [0, 1, 255] });
  return result.stdout.split('\n').filter(Boolean).map(Number);
}
