import type { Host } from '#system/host.ts';
import { waitUntilReady } from './readiness.ts';
import { showsValues, type UserWorkload, workloadUrl } from './workload.ts';

/** Long enough for a busy machine. */
const PATIENCE_SECONDS = 300;
/** Any exit code of curl is an answer: refused, timed out, an HTTP error. */
const CURL_CODES = Array.from({ length: 100 }, (_, code) => code);

/** Waits until the user's workload answers with its own values; `host` runs curl, on the node or in the lab's network. */
export function workloadAnswers(
  host: Pick<Host, 'run'>,
  nodeIp: string,
  workload: UserWorkload,
): Promise<void> {
  const url = workloadUrl(nodeIp, workload);
  return waitUntilReady({
    name: `${url} shows the values of the user's Secret and ConfigMap`,
    timeoutSeconds: PATIENCE_SECONDS,
    ask: async () => {
      const argv = ['curl', '--silent', '--show-error', '--fail', '--max-time', '2', url];
      const { code, stdout, stderr } = await host.run(argv, { okCodes: CURL_CODES });
      if (code === 0 && showsValues(stdout, workload)) return undefined;
      return code === 0 ? 'a page without these values' : stderr.trim();
    },
  });
}
