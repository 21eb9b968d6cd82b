/** A systemd unit that travels in the seed image. */
export interface SystemdUnit {
  readonly name: string;
  readonly text: string;
}

/**
 * First boot: runs post-pivot until it succeeds. A oneshot has no start timeout, so waiting for the configuration
 * volume without end is fine. The ordering keeps two `update-ca-trust` from running at once (OCPBUGS-98688).
 */
const INSTALLATION_CONFIGURATION: SystemdUnit = {
  name: 'installation-configuration.service',
  text: `[Unit]
Description=Give this host its own cluster identity
After=coreos-update-ca-trust.service

[Service]
Type=oneshot
RemainAfterExit=no
ExecStart=/usr/local/bin/lca-cli post-pivot
Restart=on-failure
RestartSec=5s

[Install]
WantedBy=multi-user.target
`,
};

/** Watchdog of upgrades; in an installation it finds no configuration and ends at once. */
const INIT_MONITOR: SystemdUnit = {
  name: 'lca-init-monitor.service',
  text: `[Unit]
Description=Watch the first boot and roll back when it fails
After=NetworkManager-wait-online.service

[Service]
ExecStart=/usr/local/bin/lca-cli init-monitor --monitor
ExecStopPost=systemctl disable lca-init-monitor.service

[Install]
WantedBy=multi-user.target
`,
};

/** What `create` installs and enables on the seed (lifecycle-agent 14.1). */
export const SEED_UNITS: readonly SystemdUnit[] = [INSTALLATION_CONFIGURATION, INIT_MONITOR];
