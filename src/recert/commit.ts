import { Failure } from '#base/failure.ts';
import type { Etcd, EtcdKeyValue, EtcdOperation } from '#system/etcd.ts';
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
  // A run that was killed after it made the data directory anew has a member with another ID, and the new URL.
  const members = plan.members.length === 0 ? [] : ((await etcd?.members()) ?? []);
  for (const { id, peerUrls } of plan.members)
    if (members.some((member) => member.id === BigInt(id))) await etcd?.updateMember(BigInt(id), peerUrls);
}

async function commitTransaction(etcd: Etcd, steps: readonly ObjectStep[]): Promise<void> {
  if (await transact(etcd, steps)) return;
  // Transactions are atomic, but this one may have been carried out before, or undone by a run that rolled back.
  const open: ObjectStep[] = [];
  for (const step of steps) {
    const { entries } = await etcd.readAll(step.key);
    const present = entries.find(({ key }) => key === step.key);
    if (holds(present, step.put)) continue;
    if (!holds(present, step.was)) throw changedMeanwhile([step.key]);
    open.push({ ...step, expected: present?.modRevision ?? 0 });
  }
  if (open.length > 0 && !(await transact(etcd, open))) throw changedMeanwhile(open.map(({ key }) => key));
}

const transact = (etcd: Etcd, steps: readonly ObjectStep[]): Promise<boolean> =>
  etcd.transact(
    steps.map(({ key, expected }) => ({ key, modRevision: expected })),
    steps.map(operationOf),
  );

function operationOf({ key, put, lease }: ObjectStep): EtcdOperation {
  return put === undefined ? { delete: key } : { put: key, value: put, lease: BigInt(lease ?? 0) };
}

const holds = (present: EtcdKeyValue | undefined, value: Buffer | undefined): boolean =>
  value === undefined ? present === undefined : present?.value.equals(value) === true;

const changedMeanwhile = (keys: readonly string[]): Failure =>
  new Failure({
    code: 'recert/changed-meanwhile',
    message: `${keys.join(', ')} was changed in etcd since recert read it`,
    hint: 'stop whatever writes to this etcd (kube-apiserver, kubelet), remove the journal and run again',
  });
