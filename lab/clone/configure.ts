import { Failure } from '#base/failure.ts';
import type { Machine } from '#machines/driver.ts';
import { waitFor } from '#machines/waiting.ts';
import { askApi, credentialsOfKubeconfig } from '../comparison/apiAccess.ts';
import type { WantedIdentity } from '../comparison/rows.ts';
import type { Lab } from '../lab.ts';
import { networkHost } from '../networkHost.ts';
import { newSiteAuthority } from '../siteAuthority.ts';
import { configImageInputs } from '../wantedClone.ts';

/** What `openshift-install image-based create config-image` gave, as paths on this machine. */
export interface ConfigImage {
  readonly iso: string;
  readonly kubeconfig: string;
  /** The authority that the clone is to trust, PEM. */
  readonly trustBundle: string;
}

const PATIENCE_SECONDS = 300;

/** Writes the user's files and lets the installer make the configuration ISO and the credentials from them. */
export async function makeConfigImage(
  lab: Lab,
  executables: string,
  wanted: WantedIdentity,
  networkInterface?: string,
): Promise<ConfigImage> {
  const { host } = lab;
  const folder = `${lab.folder}/access/${wanted.clusterName}`;
  await host.files.makeDirectory(`${folder}/extra-manifests`, 0o700);
  const trustBundle = await newSiteAuthority(wanted.clusterName);
  const inputs = configImageInputs(wanted, trustBundle, networkInterface);
  for (const [name, content] of Object.entries(inputs)) {
    await host.files.write(`${folder}/${name}`, content, { mode: 0o600 });
  }
  await host.run([
    `${executables}/openshift-install`,
    'image-based',
    'create',
    'config-image',
    '--dir',
    folder,
  ]);
  return { iso: `${folder}/imagebasedconfig.iso`, kubeconfig: `${folder}/auth/kubeconfig`, trustBundle };
}

/**
 * Attaches the ISO and waits until the API server answers by the new name to the new kubeconfig.
 * Returns the seconds this took. Failure `lab/configuration-failed` with the end of post-pivot's journal.
 */
export async function configureClone(
  lab: Lab,
  clone: Machine,
  options: {
    readonly wanted: WantedIdentity;
    readonly configuration: ConfigImage;
    readonly note: (text: string) => void;
  },
): Promise<number> {
  const { wanted, configuration, note } = options;
  const credentials = credentialsOfKubeconfig(await lab.host.files.readText(configuration.kubeconfig));
  const server = { ip: wanted.nodeIp, name: `api.${wanted.clusterName}.${wanted.baseDomain}` };
  const started = performance.now();
  await clone.attachBlockDevice(configuration.iso, { readOnly: true });
  const ready = await waitFor(
    async () => {
      const request = { server, credentials, verify: true, path: '/readyz' };
      const answer = await askApi(networkHost(lab), `${lab.folder}/work/ask-${wanted.clusterName}`, request);
      return answer.kind === 'status' && answer.status === 200 ? true : undefined;
    },
    { timeoutSeconds: PATIENCE_SECONDS * clone.slowness, everySeconds: 0.25 },
  );
  if (ready !== true) throw await configurationFailed(clone);
  const seconds = (performance.now() - started) / 1000;
  note('from the ISO attached to /readyz with the new kubeconfig');
  return seconds;
}

async function configurationFailed(clone: Machine): Promise<Failure> {
  const unit = 'installation-configuration.service';
  const journal = await clone.host.run([
    'journalctl',
    '--no-pager',
    '--lines=40',
    '--output=cat',
    `--unit=${unit}`,
  ]);
  return new Failure({
    code: 'lab/configuration-failed',
    message: `the clone did not answer by its new name within ${PATIENCE_SECONDS * clone.slowness} s; the end of ${unit}:\n${journal.stdout}`,
    hint: `look around with "sower lab shell ${clone.name}"`,
  });
}
