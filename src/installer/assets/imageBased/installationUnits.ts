import type { ImageBasedInstallationConfig } from '#api/ibiInstallationConfig.ts';
import type { IgnitionUnit } from '#api/ignition.ts';
import { libraryCheck } from '#api/units.ts';
import { escapeSpecifiers, quoteSystemdWord } from '#formats/systemdText.ts';

/** Paths on the live system (spec/installer/09.2). */
export const INSTALLATION_PATHS = {
  script: '/usr/local/bin/install-rhcos-and-restore-seed.sh',
  configuration: '/var/tmp/ibi-configuration.json',
  networkConfig: '/var/tmp/network-config.yaml',
  pullSecret: '/var/tmp/pull-secret.json',
  postScript: '/var/tmp/post.sh',
  registries: '/etc/containers/registries.conf',
  trustBundle: '/etc/pki/ca-trust/source/anchors/additional-trust-bundle.pem',
};

const INSTALL_UNIT = 'install-rhcos-and-restore-seed.service';

/** Takes lca-cli out of the seed image and lets it install the disk: the seed brings the program that fits it. */
export const INSTALLATION_SCRIPT = `#!/bin/bash
set -euo pipefail

seed_image="\${1:-\${SEED_IMAGE:?the seed image is neither an argument nor in SEED_IMAGE}}"
pull_secret="\${PULL_SECRET_FILE:-${INSTALLATION_PATHS.pullSecret}}"
configuration="\${IBI_CONFIGURATION_FILE:-${INSTALLATION_PATHS.configuration}}"

until podman create --authfile "$pull_secret" --name lca-cli "$seed_image" lca-cli; do
  echo "$seed_image can't be pulled yet, trying again in 10 seconds" >&2
  sleep 10
done
podman cp lca-cli:lca-cli /usr/local/bin/lca-cli
podman rm lca-cli

# Told before anything is done: what the seed's program would lack here.
/bin/sh -c '${libraryCheck('/usr/local/bin/lca-cli')}'

# A new ISO takes the place of what another one has left unfinished; the same one goes on with it.
export LCA_IBI_START_OVER=yes
/usr/local/bin/lca-cli ibi -f "$configuration"
`;

/** The units of the installation ISO; that of the network is there in any case, but enabled only if there is one to apply. */
export const installationUnits = (config: ImageBasedInstallationConfig): IgnitionUnit[] => [
  { contents: renderInstallUnit(config), enabled: true, name: INSTALL_UNIT },
  {
    contents: NETWORK_UNIT,
    ...(config.networkConfig !== undefined && { enabled: true }),
    name: 'network-config.service',
  },
];

const renderInstallUnit = (config: ImageBasedInstallationConfig): string => `[Unit]
Description=Install the seed image to the disk
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
${environmentOf(config)
  .map(([name, value]) => `Environment=${quoteSystemdWord(escapeSpecifiers(`${name}=${value}`))}`)
  .join('\n')}
ExecStartPre=/usr/bin/chcon -t install_exec_t ${INSTALLATION_PATHS.script}
ExecStart=${INSTALLATION_PATHS.script}

[Install]
WantedBy=multi-user.target
`;

function environmentOf({ seedImage, proxy }: ImageBasedInstallationConfig): [name: string, value: string][] {
  const proxies: [string, string][] = [
    ['HTTP_PROXY', proxy?.httpProxy ?? ''],
    ['HTTPS_PROXY', proxy?.httpsProxy ?? ''],
    ['NO_PROXY', proxy?.noProxy ?? ''],
  ];
  const given = proxies.filter(([, value]) => value !== '');
  return [
    ['SEED_IMAGE', seedImage],
    ['IBI_CONFIGURATION_FILE', INSTALLATION_PATHS.configuration],
    ['PULL_SECRET_FILE', INSTALLATION_PATHS.pullSecret],
    ...given,
    ...given.map(([name, value]): [string, string] => [name.toLowerCase(), value]),
  ];
}

const NETWORK_UNIT = `[Unit]
Description=Apply the network configuration
Wants=NetworkManager.service
After=NetworkManager.service
Before=${INSTALL_UNIT}

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutSec=60
ExecStart=/bin/bash -c "until nmstatectl apply ${INSTALLATION_PATHS.networkConfig}; do sleep 1; done"

[Install]
WantedBy=multi-user.target
`;
