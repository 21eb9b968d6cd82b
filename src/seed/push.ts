import { info } from '#base/logger.ts';
import { layoutOn } from '#system/localLayout.ts';
import { pinnedTo, registry } from '#system/registry.ts';
import { SEED_PATHS, type SeedContext } from './context.ts';
import { usableAuthfile } from './pullSecret.ts';
import { restoreSeed } from './restore.ts';
import { verifySeedImage } from './verifyImage.ts';

/**
 * Verifies the image, pushes it, and brings the cluster back at the same time; the answer is the image by digest. The restoration is
 * finished also when the push fails, and then the push is what is told.
 */
export async function pushAndRestore(context: SeedContext): Promise<string> {
  const pushing = pushImage(context);
  const [pushed, restored] = await Promise.allSettled([
    pushing,
    context.options.skipCleanup ? undefined : restoreSeed(context, pushing),
  ]);
  if (pushed.status === 'rejected') throw pushed.reason;
  if (restored.status === 'rejected') throw restored.reason;
  return pushed.value;
}

async function pushImage(context: SeedContext): Promise<string> {
  const { host, logger, options } = context;
  await verifySeedImage(layoutOn(host.files, SEED_PATHS.image));
  info(logger, 'verified the seed image');
  const authfile = await usableAuthfile(context);
  const client = registry(host, (await host.files.exists(authfile)) ? { authfile } : {});
  const digest = await client.push(SEED_PATHS.image, options.image, `${SEED_PATHS.checks}/image.digest`);
  const pushed = pinnedTo(options.image, digest);
  info(logger, `pushed seed image ${pushed}`);
  return pushed;
}
