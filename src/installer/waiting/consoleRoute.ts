import { info, warn } from '#base/logger.ts';
import { deadlineIn, pollUntil } from './clock.ts';
import { lookAt, type Waiting } from './watchedCluster.ts';

const ROUTE = { apiVersion: 'route.openshift.io/v1', kind: 'Route' };
const NAME = { namespace: 'openshift-console', name: 'console' };
const MINUTES = 2;
const PAUSE = 2000;

/** URL of the web console; undefined where the cluster has none (spec/installer/07.4). */
export async function findConsole({ cluster, clock, logger }: Waiting): Promise<string | undefined> {
  info(logger, 'Checking to see if there is a route at openshift-console/console...');
  let why = '';
  const url = await pollUntil(clock, { pause: PAUSE, deadline: deadlineIn(clock, MINUTES) }, async () => {
    const found = await lookAt(cluster, ROUTE, NAME);
    if ('object' in found) {
      why = 'the route has no host yet';
      return consoleUrl(found.object);
    }
    why = found.why;
    return undefined;
  });
  if (url === undefined) warn(logger, `Cluster does not have a console available: ${why}`);
  return url;
}

/** The address under which a route was let in. */
export function consoleUrl(route: object): string | undefined {
  const { status } = route as {
    readonly status?: { readonly ingress?: readonly { readonly host?: string }[] };
  };
  const host = status?.ingress?.map((ingress) => ingress.host ?? '').find((name) => name !== '');
  return host === undefined ? undefined : `https://${host}`;
}
