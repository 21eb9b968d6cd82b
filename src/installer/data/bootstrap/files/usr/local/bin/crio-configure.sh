#!/usr/bin/env bash
# crio-configure.service: has CRI-O use the release's pause image before it starts. The one that it is built with may be
# out of reach from this site.
set -euo pipefail

# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh
# shellcheck source=release-image.sh
. /usr/local/bin/release-image.sh

settings=/etc/crio/crio.conf.d/50-bootstrap-override.conf

pause_image="$(image_for pod)"
mkdir --parents "${settings%/*}"
cat >"${settings}" <<EOF
[crio.runtime]
hooks_dir = [
    "/etc/containers/oci/hooks.d",
    "/run/containers/oci/hooks.d",
]

[crio.image]
pause_image = "${pause_image}"
pause_command = "/usr/bin/pod"
EOF
