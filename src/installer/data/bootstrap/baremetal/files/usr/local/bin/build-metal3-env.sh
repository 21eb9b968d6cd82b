#!/usr/bin/env bash
# build-metal3-env.service: adds to /etc/metal3.env what only this machine knows: the release's images, and where hosts
# fetch the images made for them.
set -euo pipefail

# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh
# shellcheck source=release-image.sh
. /usr/local/bin/release-image.sh

settings=/etc/metal3.env
mark='# Found out by build-metal3-env.sh'

baremetal_operator_image="$(image_for baremetal-operator)"
image_customization_image="$(image_for image-customization-controller)"

# What an earlier run has added is replaced.
umask 0077
{
    sed "/^${mark}/,\$d" "${settings}"
    cat <<END
${mark}
BAREMETAL_OPERATOR_IMAGE=${baremetal_operator_image}
IMAGE_CUSTOMIZATION_IMAGE=${image_customization_image}
IMAGES_URL=http://${IRONIC_URL_HOST}:8084
END
    # The hosts are told of the proxy too, and must not ask it for ironic.
    if [[ -n "${HTTP_PROXY:-}${HTTPS_PROXY:-}" ]]; then
        echo "NO_PROXY=${NO_PROXY:+${NO_PROXY},}${IRONIC_IP}"
    fi
} >"${settings}.new"
mv "${settings}.new" "${settings}"
