#!/usr/bin/env bash
# Runs before kubelet.service: tells kubelet the release's pause image, which it must not collect as garbage.
set -euo pipefail

# shellcheck disable=SC2034 # read by bootstrap-service-record.sh
PRE_COMMAND=kubelet-pause-image
# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh
# shellcheck source=release-image.sh
. /usr/local/bin/release-image.sh

pause_image="$(image_for pod)"
mkdir --parents /etc/kubernetes
echo "MACHINE_CONFIG_INFRA_IMAGE=${pause_image}" >/etc/kubernetes/kubelet-pause-image-override
