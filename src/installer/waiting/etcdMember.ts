import { info, warn } from '#base/logger.ts';
import { pollUntil } from './clock.ts';
import { findCondition } from './conditions.ts';
import { lookAt, type Waiting } from './watchedCluster.ts';

const ETCD = { apiVersion: 'operator.openshift.io/v1', kind: 'Etcd' };
const NAME = { name: 'cluster' };
const PAUSE = 1000;

/**
 * Waits, as long as it takes, until the bootstrap machine is no member of etcd any more: removed too early it would
 * take a vote with it (spec/installer/07.3).
 */
export async function waitForEtcdMemberRemoval({ cluster, clock, logger }: Waiting): Promise<void> {
  info(logger, 'Waiting for the bootstrap etcd member to be removed...');
  const outcome = await pollUntil(clock, { pause: PAUSE }, async () => {
    const found = await lookAt(cluster, ETCD, NAME);
    if ('object' in found) {
      return findCondition(found.object, 'EtcdBootstrapMemberRemoved')?.status === 'True'
        ? 'removed'
        : undefined;
    }
    return found.isUnknownKind ? found.why : undefined;
  });
  if (outcome === 'removed') info(logger, 'Bootstrap etcd member has been removed');
  else warn(logger, `Bootstrap etcd member may not have been removed: ${outcome}`);
}
