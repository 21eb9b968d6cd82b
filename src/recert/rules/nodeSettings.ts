import type { ProxySettings, Renames } from '../renames.ts';
import { carriedFileRules } from './machineConfigFile.ts';
import { baseName, type FileRule } from './rule.ts';

const setsChrony = (renames: Renames): boolean => renames.chronyConfig !== undefined;

export const CHRONY = carriedFileRules({
  name: 'chrony',
  path: '/etc/chrony.conf',
  isWanted: setsChrony,
  edit: (_text, { renames }) => renames.chronyConfig ?? '',
});

export const CHRONY_FILE: FileRule = {
  name: 'chrony-file',
  isWanted: setsChrony,
  matches: (path, isListed) => isListed && baseName(path) === 'chrony.conf',
  edit: (_text, { renames }) => renames.chronyConfig ?? '',
};

const setsProxy = (renames: Renames): boolean => renames.proxy !== undefined;

/** The variables of an environment, without the empty ones, in the order in which OpenShift writes them. */
export const proxyVariables = (proxy: ProxySettings): [name: string, value: string][] =>
  [
    ['HTTP_PROXY', proxy.httpProxy],
    ['HTTPS_PROXY', proxy.httpsProxy],
    ['NO_PROXY', proxy.noProxy],
  ].filter((pair): pair is [string, string] => pair[1] !== '');

function editProxyEnvironment(text: string, renames: Renames): string {
  const status = renames.proxy?.status ?? { httpProxy: '', httpsProxy: '', noProxy: '' };
  const others = text.split('\n').filter((line) => line !== '' && !/^(?:HTTP|HTTPS|NO)_PROXY=/.test(line));
  const lines = [...others, ...proxyVariables(status).map(([name, value]) => `${name}=${value}`)];
  return lines.map((line) => `${line}\n`).join('');
}

export const PROXY_ENVIRONMENT = carriedFileRules({
  name: 'proxy',
  path: '/etc/mco/proxy.env',
  isWanted: setsProxy,
  edit: (text, { renames }) => editProxyEnvironment(text, renames),
});

export const PROXY_ENVIRONMENT_FILE: FileRule = {
  name: 'proxy-file',
  isWanted: setsProxy,
  matches: (path, isListed) =>
    baseName(path) === 'proxy.env.mcdorig' || (isListed && baseName(path) === 'proxy.env'),
  edit: (text, { renames }) => editProxyEnvironment(text, renames),
};
