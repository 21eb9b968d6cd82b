import {
  SEED_GENERATOR,
  SEED_GENERATOR_NAME,
  type SeedGeneratorStatus,
  type SeedNews,
  statusAfter,
} from '#api/seedGenerator.ts';
import { info } from '#base/logger.ts';
import type { KubernetesObject } from '#system/kubernetesApi.ts';
import type { ConnectedContext } from './context.ts';

export const statusOf = (object: KubernetesObject): SeedGeneratorStatus | undefined =>
  object['status'] as SeedGeneratorStatus | undefined;

const generationOf = ({ metadata }: KubernetesObject): number => Number(metadata['generation'] ?? 0);

/** Writes the news into the object's status and answers the object as it is then. */
export async function report(
  context: ConnectedContext,
  object: KubernetesObject,
  news: SeedNews,
): Promise<KubernetesObject> {
  const facts = { before: statusOf(object), generation: generationOf(object), now: context.now() };
  const status = statusAfter(news, facts);
  const message = status.conditions.at(-1)?.message ?? '';
  if (message !== facts.before?.conditions.at(-1)?.message) info(context.logger, message);
  return writeStatus(context, object, status);
}

/** Lists are replaced by a merge patch, and nobody else writes this status, so no version has to be named. */
export const writeStatus = (
  { api }: ConnectedContext,
  { metadata }: KubernetesObject,
  status: SeedGeneratorStatus,
): Promise<KubernetesObject> =>
  api.patch(
    SEED_GENERATOR,
    { name: metadata.name ?? SEED_GENERATOR_NAME },
    { type: 'merge', body: { status }, isStatus: true },
  );
