#!/usr/bin/env bash
# Runs before ironic.service: lets hosts reach ironic's services through the packet filter. To be run as often as one likes.
set -euo pipefail

# shellcheck disable=SC2034 # read by bootstrap-service-record.sh
PRE_COMMAND=prov-iptables
# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh

if [[ "${IRONIC_IP}" == *:* ]]; then
    filter=ip6tables
    dhcp=547
else
    filter=iptables
    dhcp=67
fi

allow() {
    local rule=(INPUT --in-interface "${PROVISIONING_INTERFACE}" --protocol "$1" --dport "$2" --jump ACCEPT)
    "${filter}" --wait --check "${rule[@]}" 2>/dev/null || "${filter}" --wait --insert "${rule[@]}"
}

allow udp "${dhcp}"
allow udp 69   # boot files by TFTP
allow tcp 6180 # images by HTTP
allow tcp 6183 # virtual media by HTTPS
allow tcp 6385 # ironic's API, which the agents on the hosts call
allow tcp 8084 # images with network settings
