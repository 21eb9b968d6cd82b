#!/usr/bin/env bash
# build-ironic-env.service: adds to /etc/ironic.env what only this machine knows: the release's images, and by which
# interface and address hosts reach ironic.
set -euo pipefail

# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh
# shellcheck source=release-image.sh
. /usr/local/bin/release-image.sh

settings=/etc/ironic.env
mark='# Found out by build-ironic-env.sh'

interface_with_mac() {
    local mac="${1,,}" file
    for file in /sys/class/net/*/address; do
        if [[ "$(<"${file}")" == "${mac}" ]]; then
            basename "$(dirname "${file}")"
            return 0
        fi
    done
    return 1
}

# The first address that is meant for others than neighbours; of IPv4 if there is one.
address_of() {
    local family address
    for family in inet inet6; do
        address=''
        read -r _ _ address _ < <(ip -brief -family "${family}" address show dev "$1" scope global -deprecated) || true
        if [[ -n "${address}" ]]; then
            echo "${address%%/*}"
            return 0
        fi
    done
    return 1
}

until interface="$(interface_with_mac "${PROVISIONING_MACS}")"; do
    echo "There is no network interface with the address ${PROVISIONING_MACS} yet."
    sleep 2
done

address="${PROVISIONING_IP%%/*}"
until [[ -n "${address}" ]] || address="$(address_of "${interface}")"; do
    echo "${interface} has no address yet."
    sleep 2
done
host="${address}"
if [[ "${address}" == *:* ]]; then
    host="[${address}]"
fi

ironic_image="$(image_for ironic)"
ironic_agent_image="$(image_for ironic-agent)"
machine_os_images_image="$(image_for machine-os-images)"

# What an earlier run has added is replaced. The file holds a password hash: it is never readable for others.
umask 0077
{
    sed "/^${mark}/,\$d" "${settings}"
    cat <<END
${mark}
IRONIC_IMAGE=${ironic_image}
IRONIC_AGENT_IMAGE=${ironic_agent_image}
MACHINE_OS_IMAGES_IMAGE=${machine_os_images_image}
PROVISIONING_INTERFACE=${interface}
PROVISIONING_IP=${PROVISIONING_IP:-${address}}
IRONIC_IP=${address}
IRONIC_URL_HOST=${host}
IRONIC_BASE_URL=https://${host}:6385
END
} >"${settings}.new"
mv "${settings}.new" "${settings}"
