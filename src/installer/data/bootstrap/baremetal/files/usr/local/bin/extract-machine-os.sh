#!/usr/bin/env bash
# extract-machine-os.service: copies the release's CoreOS images into the volume from which ironic serves them.
set -euo pipefail

# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh

# Registries are away now and then; the unit's timeout is the limit.
until podman pull --quiet --authfile /root/.docker/config.json "${MACHINE_OS_IMAGES_IMAGE}"; do
    echo "${MACHINE_OS_IMAGES_IMAGE} can't be pulled yet; trying again in 10 seconds." >&2
    sleep 10
done

# IP_OPTIONS becomes a kernel argument of the images: how the agents configure their network.
podman run --quiet --rm --net=none --env IP_OPTIONS="${IP_OPTIONS}" --volume ironic:/shared:z \
    --entrypoint /bin/copy-metal "${MACHINE_OS_IMAGES_IMAGE}" --all /shared/html/images/
