import type { Renames } from '../renames.ts';
import { carriedFileRules } from './machineConfigFile.ts';
import { baseName, clusterOf, type FileRule, renamesCluster } from './rule.ts';

const HOST_LINE = /^KUBERNETES_SERVICE_HOST='api-int\.[^\n]*$/m;

/** The kubelet's environment names the API's internal load balancer. */
function editApiserverUrl(text: string, renames: Renames): string {
  return text.replace(HOST_LINE, `KUBERNETES_SERVICE_HOST='api-int.${clusterOf(renames).domain}'`);
}

export const APISERVER_URL = carriedFileRules({
  name: 'apiserver-url',
  path: '/etc/kubernetes/apiserver-url.env',
  isWanted: renamesCluster,
  edit: (text, { renames }) => editApiserverUrl(text, renames),
});

export const APISERVER_URL_FILE: FileRule = {
  name: 'apiserver-url-file',
  isWanted: renamesCluster,
  matches: (path) => baseName(path).startsWith('apiserver-url.env'),
  edit: (text, { renames }) => editApiserverUrl(text, renames),
};
