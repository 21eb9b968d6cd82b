#!/usr/bin/env bash
# provisioning-interface.service: gives the machine its static address on the provisioning network.
set -euo pipefail

# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh

if [[ "${PROVISIONING_NETWORK}" == Disabled ]]; then
    echo 'Hosts are installed over the network of the cluster, where this machine has its address already.'
    exit 0
fi

settings=(
    connection.type ethernet
    connection.interface-name "${PROVISIONING_INTERFACE}"
    connection.autoconnect yes
)
# No route leads out of this network.
if [[ "${PROVISIONING_IP}" == *:* ]]; then
    settings+=(ipv6.method manual ipv6.addresses "${PROVISIONING_IP}" ipv6.never-default yes
        ipv6.addr-gen-mode eui64 ipv4.method disabled)
else
    settings+=(ipv4.method manual ipv4.addresses "${PROVISIONING_IP}" ipv4.never-default yes ipv6.method link-local)
fi

# A connection of an earlier run may have other settings.
nmcli connection delete provisioning 2>/dev/null || true
nmcli connection add con-name provisioning "${settings[@]}"
nmcli connection up provisioning

# Services can't listen at an address of IPv6 before it is certain that nobody else has it.
until ip -brief address show dev "${PROVISIONING_INTERFACE}" scope global -tentative | grep --quiet --fixed-strings " ${PROVISIONING_IP%%/*}/"; do
    echo "${PROVISIONING_INTERFACE} does not have the address ${PROVISIONING_IP} yet."
    sleep 1
done
