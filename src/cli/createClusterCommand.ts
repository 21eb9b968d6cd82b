import type { ActedOn } from './installerCommand.ts';
import { interruptible } from './interruption.ts';
import { makeTarget } from './makeTarget.ts';
import { openAdminCluster } from './waitForCommands.ts';

/** `create cluster`: its files, and then its machines; a run that was interrupted is finished by the next one. */
export async function createClusterCommand(call: ActedOn): Promise<void> {
  const { dir, root, io, logger, switches } = call;
  const [{ installCluster, refuseForeignCluster }, { readProgress }, { localHost }, { downloadFile }] =
    await Promise.all([
      import('#installer/createCluster.ts'),
      import('#installer/bootstrapMachine/progress.ts'),
      import('#system/localHost.ts'),
      import('#system/download.ts'),
    ]);
  await refuseForeignCluster({ host: localHost, root });
  if ((await readProgress(localHost.files, root)) === undefined) await makeClusterFiles(call);
  await interruptible(logger, ({ signal, clock }) =>
    installCluster({
      dir,
      root,
      host: localHost,
      clock,
      logger,
      env: io.env,
      download: downloadFile,
      signal,
      skipsPassword: switches.has('skipPasswordPrint'),
      openCluster: () => openAdminCluster({ dir, root }, signal),
    }),
  );
}

async function makeClusterFiles(call: ActedOn): Promise<void> {
  const [{ checkLibvirt }, { installConfig }, { clusterId }, { localHost }] = await Promise.all([
    import('#installer/bootstrapMachine/checkLibvirt.ts'),
    import('#installer/assets/installConfig/installConfig.ts'),
    import('#installer/assets/installConfig/clusterId.ts'),
    import('#system/localHost.ts'),
  ]);
  await makeTarget(call, async (store) => {
    const [{ config }, { InfraID }] = [await store.fetch(installConfig), await store.fetch(clusterId)];
    const libvirtUri = config.platform.baremetal?.libvirtURI ?? '';
    await checkLibvirt(
      { host: localHost, logger: call.logger, cluster: { infraId: InfraID, libvirtUri } },
      config,
    );
  });
}
