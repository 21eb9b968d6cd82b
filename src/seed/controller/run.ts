import { setTimeout as sleep } from 'node:timers/promises';
import {
  isFinished,
  readSeedGeneratorSpec,
  SEED_GENERATOR,
  SEED_GENERATOR_NAME,
  SEED_SECRET,
  type SeedGeneratorSpec,
} from '#api/seedGenerator.ts';
import { SEED_GENERATOR_DEFINITION } from '#api/seedGeneratorDefinition.ts';
import { Failure } from '#base/failure.ts';
import { info, error as logError } from '#base/logger.ts';
import { renderProblem } from '#base/report.ts';
import type { KubernetesObject } from '#system/kubernetesApi.ts';
import { findHealthProblems } from '../health.ts';
import { cleanCluster } from './cleanCluster.ts';
import { type ConnectedContext, type ControllerContext, connected } from './context.ts';
import { report, statusOf } from './status.ts';
import { returnObjects, takeObjects } from './takeObjects.ts';
import { findRejections } from './validate.ts';
import { type Outcome, PUSH_AUTHFILE, type TakenObjects, workspace } from './workspace.ts';

/** The words of the original (lifecycle-agent 5.3, 5.5), by which tools know them. */
const PHASES = {
  stabilizing: 'Waiting for system to stabilize',
  starting: 'Starting seed generation',
  preparing: 'Preparing for seed generation',
  cleaning: 'Cleaning cluster resources',
  launching: 'Launching imager container',
  finalizing: 'Finalizing seed generation',
} as const;

const WATCH_SECONDS = 2;
const HEALTH_SECONDS = 20;
/** The original waits without limit (lifecycle-agent 20, D16). */
const HEALTH_LIMIT_SECONDS = 3600;

/**
 * `lca-cli seed-controller`: makes a seed image when there is a SeedGenerator, one at a time, and tells its course in
 * the object's status. It runs on the seed host, not in the cluster, so it outlives the cluster's stop. What a killed
 * controller left half-done is finished first.
 */
export async function runSeedController(context: ControllerContext): Promise<void> {
  while (!context.signal.aborted) {
    try {
      await resume(context);
      await connected(context, look);
    } catch (error) {
      // Such as an API server that does not answer for a while: the next look may find it.
      if (!(error instanceof Failure)) throw error;
      logError(context.logger, error.message);
    }
    await pause(context, WATCH_SECONDS);
  }
}

async function look(context: ConnectedContext): Promise<void> {
  await ensureDefinition(context);
  const object = await context.api.get(SEED_GENERATOR, { name: SEED_GENERATOR_NAME });
  const isWanted = object !== undefined && object.metadata['deletionTimestamp'] === undefined;
  if (isWanted && !isFinished(statusOf(object))) await generate(context, object);
}

async function pause({ signal, pace }: ControllerContext, seconds: number): Promise<void> {
  await sleep(seconds * 1000 * pace, undefined, { signal }).catch(() => {});
}

async function ensureDefinition({ api, logger }: ConnectedContext): Promise<void> {
  if ((await api.findResource(SEED_GENERATOR)) !== undefined) return;
  await api.create(SEED_GENERATOR_DEFINITION);
  info(logger, `created CustomResourceDefinition ${SEED_GENERATOR_DEFINITION.metadata.name}`);
}

/** Takes one object to its end; a Failure on the way becomes its status. */
async function generate(context: ConnectedContext, object: KubernetesObject): Promise<void> {
  let at = object;
  const tell = async (phase: string, detail?: string): Promise<void> => {
    at = await report(context, at, { state: 'running', phase, ...(detail !== undefined && { detail }) });
  };
  try {
    const spec = specOf(object);
    if (statusOf(object) === undefined) {
      const rejections = await findRejections(context.host, context.api);
      if (rejections.length > 0) throw rejected(rejections);
    }
    await tell(PHASES.stabilizing);
    if (!(await waitForHealth(context, (problems) => tell(PHASES.stabilizing, problems)))) return;
    await tell(PHASES.starting);
    const secret = await keepSecret(context);
    await tell(PHASES.preparing);
    await tell(PHASES.cleaning);
    await cleanCluster(context);
    await tell(PHASES.launching);
    const objects: TakenObjects = { seedGenerator: at, secret };
    await workspace(context.host.files).keepObjects(objects);
    await launch(context, spec, objects);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await workspace(context.host.files).remove();
    await report(context, at, { state: 'failed', message: error.message });
  }
}

/** What an earlier controller had begun; the image is made again, which goes on by its own journal. */
async function resume(context: ControllerContext): Promise<void> {
  const objects = await workspace(context.host.files).objects();
  if (objects === undefined) return;
  info(context.logger, 'an earlier controller has left a seed generation: going on with it');
  await launch(context, specOf(objects.seedGenerator), objects);
}

/** From the stored objects on, everything can be done again from here. */
async function launch(
  context: ControllerContext,
  spec: SeedGeneratorSpec,
  objects: TakenObjects,
): Promise<void> {
  const work = workspace(context.host.files);
  const outcome = (await work.outcome()) ?? (await makeImage(context, spec, objects));
  await work.keepOutcome(outcome);
  while (!(await connected(context, ({ api }) => api.isReady()))) {
    if (context.signal.aborted) return; // the next controller goes on from here
    await pause(context, WATCH_SECONDS);
  }
  await connected(context, (there) => deliver(there, objects, outcome));
  await work.remove();
}

/** Puts the objects back and tells the outcome. */
async function deliver(context: ConnectedContext, objects: TakenObjects, outcome: Outcome): Promise<void> {
  const returned = await returnObjects(context, objects);
  if (isFinished(statusOf(returned))) return; // told before the controller was killed
  const finalizing = await report(context, returned, { state: 'running', phase: PHASES.finalizing });
  await report(
    context,
    finalizing,
    'image' in outcome ? { state: 'completed' } : { state: 'failed', message: outcome.failure },
  );
}

async function makeImage(
  context: ControllerContext,
  spec: SeedGeneratorSpec,
  objects: TakenObjects,
): Promise<Outcome> {
  try {
    // After a kill the cluster may be down: then they were taken already.
    await connected(context, async (there) => {
      if (await there.api.isReady()) await takeObjects(there, objects);
    });
    const recertImage = spec.recertImage ?? context.recertImage;
    const image = await context.create({ image: spec.seedImage, authfile: PUSH_AUTHFILE, recertImage });
    info(context.logger, `seed image: ${image}`);
    return { image };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // The object can tell it only when the cluster is back, which may need somebody's help.
    logError(context.logger, error.hint === undefined ? error.message : `${error.message} (${error.hint})`);
    return { failure: error.message };
  }
}

/** False when the object was deleted, or the controller is to end, meanwhile. */
async function waitForHealth(
  context: ConnectedContext,
  tell: (problems: string) => Promise<void>,
): Promise<boolean> {
  const { api, signal } = context;
  for (let waited = 0; !signal.aborted; waited += HEALTH_SECONDS) {
    if ((await api.get(SEED_GENERATOR, { name: SEED_GENERATOR_NAME })) === undefined) return false;
    const problems = await findHealthProblems(api);
    if (problems.length === 0) return true;
    if (waited >= HEALTH_LIMIT_SECONDS) throw unhealthy(problems);
    await tell(problems.join('; '));
    await pause(context, HEALTH_SECONDS);
  }
  return false;
}

/** The Secret goes back into the cluster later on; its credentials are for the push. */
async function keepSecret({ api, host, namespace }: ConnectedContext): Promise<KubernetesObject> {
  const kind = { apiVersion: 'v1', kind: 'Secret' };
  const secret = await api.get(kind, { namespace, name: SEED_SECRET.name });
  const encoded = (secret?.['data'] as Record<string, string> | undefined)?.[SEED_SECRET.key];
  if (secret === undefined || encoded === undefined) throw noCredentials(namespace);
  await workspace(host.files).keepCredentials(Buffer.from(encoded, 'base64'));
  return secret;
}

function specOf(object: KubernetesObject): SeedGeneratorSpec {
  const spec = readSeedGeneratorSpec(object['spec']);
  if ('seedImage' in spec) return spec;
  throw new Failure({
    code: 'seed/generator-invalid',
    message: spec.map(renderProblem).join('; '),
    hint: 'delete the SeedGenerator, correct it and create it again',
  });
}

const rejected = (reasons: readonly string[]): Failure =>
  new Failure({
    code: 'seed/system-rejected',
    message: `this system can't be a seed: ${reasons.join('; ')}`,
    hint: 'correct what is named, delete the SeedGenerator and create it again; nothing was changed',
    facts: { reasons },
  });

const unhealthy = (problems: readonly string[]): Failure =>
  new Failure({
    code: 'seed/cluster-not-healthy',
    message: `the cluster is not healthy after ${HEALTH_LIMIT_SECONDS / 60} minutes: ${problems.join('; ')}`,
    hint: 'repair it, delete the SeedGenerator and create it again; nothing was changed',
    facts: { problems },
  });

const noCredentials = (namespace: string): Failure =>
  new Failure({
    code: 'seed/no-push-credentials',
    message: `Secret ${namespace}/${SEED_SECRET.name} with the key ${SEED_SECRET.key} is missing`,
    hint: 'create it with the registry credentials for the push, delete the SeedGenerator and create it again',
  });
