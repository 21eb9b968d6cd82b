#!/usr/bin/env bash
# Runs before ironic-dnsmasq.service: lets only the control plane's hosts get an answer to their DHCP requests. Workers are
# installed by the cluster later on: here they would boot an agent that nobody waits for. To be run as often as one likes.
set -euo pipefail

# shellcheck disable=SC2034 # read by bootstrap-service-record.sh
PRE_COMMAND=dhcp-filter
# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh

if [[ "${PROVISIONING_NETWORK}" != Managed || -z "${DHCP_ALLOW_MACS}" ]]; then
    exit 0
fi

if [[ "${IRONIC_IP}" == *:* ]]; then
    filter=(ip6tables --wait --table raw)
    port=547
else
    filter=(iptables --wait --table raw)
    port=67
fi
chain=DHCP_HOSTS

"${filter[@]}" --new-chain "${chain}" 2>/dev/null || "${filter[@]}" --flush "${chain}"
IFS=, read -r -a macs <<<"${DHCP_ALLOW_MACS}"
for mac in "${macs[@]}"; do
    "${filter[@]}" --append "${chain}" --match mac --mac-source "${mac}" --jump RETURN
done
"${filter[@]}" --append "${chain}" --jump DROP

# Only now: a chain that is not complete would turn away hosts that are welcome.
requests=(PREROUTING --in-interface "${PROVISIONING_INTERFACE}" --protocol udp --dport "${port}" --jump "${chain}")
"${filter[@]}" --check "${requests[@]}" 2>/dev/null || "${filter[@]}" --insert "${requests[@]}"
