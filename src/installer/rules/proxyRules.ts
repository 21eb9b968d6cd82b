import { findIpFamily, isCidr, networkContains } from '#api/addresses.ts';
import type { InstallConfig, Networking, ProxySettings } from '#api/installConfig.ts';
import { isDnsSubdomain } from '#api/names.ts';
import type { Problem } from '#base/report.ts';
import { invalid, invalidSecret, required, unsupported } from './fieldErrors.ts';

/** The rules for `proxy` (spec/installer/03.5, row 25). URLs may hold a password, so they are not quoted. */
export function proxyProblems({ proxy, networking }: InstallConfig): Problem[] {
  if (proxy === undefined) return [];
  const found = [...proxyUrlProblems(proxy, networking)];
  if (/\s/.test(proxy.noProxy)) {
    found.push(invalid('proxy.noProxy', proxy.noProxy, 'noProxy must not have spaces'));
  }
  return [...found, ...noProxyProblems(proxy.noProxy)];
}

/** The URLs alone. */
export function proxyUrlProblems(proxy: ProxySettings, networking: Networking | undefined): Problem[] {
  const found: Problem[] = [];
  if (proxy.httpProxy === '' && proxy.httpsProxy === '') {
    found.push(required('proxy', 'must include httpProxy or httpsProxy'));
  }
  found.push(...urlProblems('proxy.httpProxy', proxy.httpProxy, ['http'], networking));
  found.push(...urlProblems('proxy.httpsProxy', proxy.httpsProxy, ['http', 'https'], networking));
  return found;
}

function urlProblems(
  path: string,
  url: string,
  schemes: readonly string[],
  networking: Networking | undefined,
): Problem[] {
  if (url === '') return [];
  if (!URL.canParse(url)) return [invalidSecret(path, url, 'is not a URL')];
  const { protocol, hostname } = new URL(url);
  const scheme = protocol.slice(0, -1);
  if (!schemes.includes(scheme)) return [unsupported(path, scheme, schemes)];
  const host = hostname.replace(/^\[|\]$/g, '');
  if (findIpFamily(host) === undefined || networking === undefined) return [];
  const lies = (cidrs: readonly string[]): boolean =>
    cidrs.some((cidr) => isCidr(cidr) && networkContains(cidr, host));
  const found: Problem[] = [];
  if (lies(networking.clusterNetwork.map(({ cidr }) => cidr))) {
    found.push(invalidSecret(path, url, 'proxy value is part of the cluster networks'));
  }
  if (lies(networking.serviceNetwork)) {
    found.push(invalidSecret(path, url, 'proxy value is part of the service networks'));
  }
  if (lies([networking.ovnKubernetesConfig?.ipv4?.internalJoinSubnet ?? ''])) {
    found.push(invalidSecret(path, url, 'proxy value is part of the ovn-kubernetes IPv4 InternalJoinSubnet'));
  }
  return found;
}

/** The elements of `noProxy`; blanks around them are allowed here. */
export function noProxyProblems(noProxy: string): Problem[] {
  if (noProxy === '' || noProxy === '*') return [];
  const found: Problem[] = [];
  noProxy.split(',').forEach((element, i) => {
    const value = element.trim();
    if (isCidr(value) || findIpFamily(value) !== undefined) return;
    if (isDnsSubdomain(value.replace(/^\./, '').replace(/\.$/, ''))) return;
    found.push(
      invalid(
        'proxy.noProxy',
        noProxy,
        `each element of noProxy must be a IP, CIDR or domain without wildcard characters, which is violated by element ${i} "${value}"`,
      ),
    );
  });
  return found;
}
