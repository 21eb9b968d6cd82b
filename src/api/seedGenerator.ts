import type { Problem } from '#base/report.ts';
import { problem } from '#base/report.ts';

/** The custom resource that asks for a seed image (lifecycle-agent 15.1): cluster-scoped, only one of this name counts. */
export const SEED_GENERATOR = { apiVersion: 'lca.openshift.io/v1', kind: 'SeedGenerator' } as const;
export const SEED_GENERATOR_NAME = 'seedimage';

/** Beside it: the registry credentials for the push (5.1). */
export const SEED_SECRET = { name: 'seedgen', key: 'seedAuth' } as const;

const IMAGE = /^([a-z0-9]+:\/\/)?\S+$/;

export interface SeedGeneratorSpec {
  readonly seedImage: string;
  readonly recertImage: string | undefined;
}

type ConditionType = 'SeedGenInProgress' | 'SeedGenCompleted';

export interface SeedCondition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False';
  readonly reason: 'InProgress' | 'Completed' | 'Failed';
  readonly message: string;
  /** RFC 3339, of the last change of `status`. */
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

/** One stretch of the work, in the words of the condition's message; the original keeps no history. */
export interface SeedPhase {
  readonly phase: string;
  readonly startedAt: string;
  readonly completedAt?: string;
}

export interface SeedGeneratorStatus {
  readonly observedGeneration: number;
  /** Both are declared, and never filled, by the original (lifecycle-agent 20, D16). */
  readonly startedAt?: string;
  readonly completedAt?: string;
  readonly conditions: readonly SeedCondition[];
  readonly phases: readonly SeedPhase[];
}

/** What an object's spec asks for, or all that is wrong with it: a server without our schema lets anything pass. */
export function readSeedGeneratorSpec(spec: unknown): SeedGeneratorSpec | readonly Problem[] {
  const { seedImage, recertImage } = (spec ?? {}) as Readonly<Record<string, unknown>>;
  const isImage = (value: unknown): value is string => typeof value === 'string' && IMAGE.test(value);
  const problems = [
    ...(isImage(seedImage) ? [] : [problem('spec.seedImage', 'must be a pull spec')]),
    ...(recertImage === undefined || recertImage === '' || isImage(recertImage)
      ? []
      : [problem('spec.recertImage', 'must be a pull spec')]),
  ];
  if (problems.length > 0 || !isImage(seedImage)) return problems;
  return { seedImage, recertImage: isImage(recertImage) ? recertImage : undefined };
}

/** What is to be told of the work now: `phase` is the message while it runs. */
export type SeedNews =
  | { readonly state: 'running'; readonly phase: string; readonly detail?: string }
  | { readonly state: 'completed' }
  | { readonly state: 'failed'; readonly message: string };

export interface NewsFacts {
  readonly before: SeedGeneratorStatus | undefined;
  readonly generation: number;
  readonly now: Date;
}

/** The status after the news. A condition keeps its time while its status stays; a phase, until another one begins. */
export function statusAfter(news: SeedNews, { before, generation, now }: NewsFacts): SeedGeneratorStatus {
  const at = `${now.toISOString().slice(0, 19)}Z`;
  const isRunning = news.state === 'running';
  const conditions = conditionsFor(news).map((condition): SeedCondition => {
    const old = before?.conditions.find(({ type }) => type === condition.type);
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : at;
    return { ...condition, lastTransitionTime, observedGeneration: generation };
  });
  return {
    observedGeneration: generation,
    startedAt: before?.startedAt ?? at,
    ...(!isRunning && { completedAt: before?.completedAt ?? at }),
    conditions,
    phases: phasesAfter(before?.phases ?? [], isRunning ? news.phase : undefined, at),
  };
}

function conditionsFor(news: SeedNews): Omit<SeedCondition, 'lastTransitionTime' | 'observedGeneration'>[] {
  if (news.state === 'running') {
    const message = news.detail === undefined ? news.phase : `${news.phase}: ${news.detail}`;
    return [{ type: 'SeedGenInProgress', status: 'True', reason: 'InProgress', message }];
  }
  if (news.state === 'completed') {
    const message = 'Seed generation completed';
    return [
      { type: 'SeedGenInProgress', status: 'False', reason: 'Completed', message },
      { type: 'SeedGenCompleted', status: 'True', reason: 'Completed', message },
    ];
  }
  const message = `Seed generation failed: ${news.message}`;
  return [
    { type: 'SeedGenInProgress', status: 'False', reason: 'Failed', message: 'Seed generation failed' },
    { type: 'SeedGenCompleted', status: 'False', reason: 'Failed', message },
  ];
}

function phasesAfter(before: readonly SeedPhase[], phase: string | undefined, at: string): SeedPhase[] {
  const last = before.at(-1);
  if (phase !== undefined && last?.phase === phase && last.completedAt === undefined) return [...before];
  const ended = before.map((p) => (p.completedAt === undefined ? { ...p, completedAt: at } : p));
  return phase === undefined ? ended : [...ended, { phase, startedAt: at }];
}

/** True when there is nothing left to do: the user deletes the object and makes another one (5.3). */
export const isFinished = (status: SeedGeneratorStatus | undefined): boolean =>
  (status?.conditions ?? []).some(
    ({ type, status: value, reason }) =>
      reason === 'Failed' || (type === 'SeedGenCompleted' && value === 'True'),
  );
