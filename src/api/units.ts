/** A systemd unit that travels in the seed image. */
export interface SystemdUnit {
  readonly name: string;
  readonly text: string;
}

/** Status of a unit that can't start for want of libraries. */
const LIBRARIES_MISSING = 3;

/**
 * A line of shell for `sh -c`, in double quotes inside only: fails with the names of libraries and versions that the
 * dynamic linker does not find for the executable. The linker lists them and starts nothing; a static program prints its help.
 */
export const libraryCheck = (executable: string): string =>
  `! LD_TRACE_LOADED_OBJECTS=1 ${executable} 2>&1 | grep "not found" || ` +
  `{ echo "${executable} can not run on this system: it needs glibc 2.28, libstdc++ and libgcc_s, and lacks what stands above"; exit ${LIBRARIES_MISSING}; }`;

const EXECUTABLE = '/usr/local/bin/lca-cli';

/**
 * First boot: runs post-pivot until it succeeds. A oneshot has no start timeout, so waiting for the configuration
 * volume without end is fine. Status 3 says that another attempt is of no use. The ordering keeps two `update-ca-trust` from running at once (OCPBUGS-98688).
 */
const INSTALLATION_CONFIGURATION: SystemdUnit = {
  name: 'installation-configuration.service',
  text: `[Unit]
Description=Give this host its own cluster identity
After=coreos-update-ca-trust.service

[Service]
Type=oneshot
RemainAfterExit=no
ExecStartPre=/bin/sh -c '${libraryCheck(EXECUTABLE)}'
ExecStart=${EXECUTABLE} post-pivot
Restart=on-failure
RestartSec=5s
RestartPreventExitStatus=3

[Install]
WantedBy=multi-user.target
`,
};

/**
 * Watchdog of the first boot. It disables itself when there is nothing left to watch; the original's unit is disabled by
 * whatever ends it, a reboot of a waiting host included.
 */
const INIT_MONITOR: SystemdUnit = {
  name: 'lca-init-monitor.service',
  text: `[Unit]
Description=Watch the first boot and say when it fails
After=NetworkManager-wait-online.service

[Service]
ExecStart=${EXECUTABLE} init-monitor --monitor
Restart=on-failure
RestartSec=5s

[Install]
WantedBy=multi-user.target
`,
};

/**
 * What getty shows above its prompt while a host has no cluster of its own. The file is of this boot only; getty looks
 * for it below /etc (and not below /run, where there is an /etc/issue), so a link lies there from the seed on.
 */
export const SCREEN = { file: '/run/lca/screen.issue', link: '/etc/issue.d/70_lca-post-pivot.issue' };

/** What `create` installs and enables on the seed (lifecycle-agent 14.1). */
export const SEED_UNITS: readonly SystemdUnit[] = [INSTALLATION_CONFIGURATION, INIT_MONITOR];
