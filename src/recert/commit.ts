import { Failure } from '#base/failure.ts';
import type { Etcd, EtcdOperation } from '#system/etcd.ts';
import type { Host } from '#system/host.ts';
import { commitFiles } from './commitFiles.ts';
import type { ObjectStep, Plan } from './plan.ts';

/**
 * Carries a plan out: etcd, then files, then the member. Every piece may be repeated, so a run that was killed
 * anywhere is finished by committing the same plan again.
 */
export async function commit(plan: Plan, etcd: Etcd | undefined, host: Host): Promise<void> {
  if (etcd !== undefined) for (const steps of plan.transactions) await commitTransaction(etcd, steps);
  await commitFiles(host, plan.files);
  for (const { id, peerUrls } of plan.members) await etcd?.updateMember(BigInt(id), peerUrls);
}

async function commitTransaction(etcd: Etcd, steps: readonly ObjectStep[]): Promise<void> {
  const conditions = steps.map(({ key, expected }) => ({ key, modRevision: expected }));
  if (await etcd.transact(conditions, steps.map(operationOf))) return;
  for (const step of steps) {
    if (await isDone(etcd, step)) continue;
    throw new Failure({
      code: 'recert/changed-meanwhile',
      message: `${step.key} was changed in etcd since recert read it`,
      hint: 'stop whatever writes to this etcd (kube-apiserver, kubelet), remove the journal and run again',
    });
  }
}

function operationOf(step: ObjectStep): EtcdOperation {
  if (step.put === undefined) return { delete: step.key };
  return { put: step.key, value: Buffer.from(step.put, 'base64'), lease: BigInt(step.lease ?? 0) };
}

/** Transactions are atomic: after a kill each one is either still to be done or done as planned. */
async function isDone(etcd: Etcd, step: ObjectStep): Promise<boolean> {
  const { entries } = await etcd.readAll(step.key);
  const present = entries.find(({ key }) => key === step.key);
  if (step.put === undefined || present === undefined) return step.put === undefined && present === undefined;
  return present.value.equals(Buffer.from(step.put, 'base64'));
}
