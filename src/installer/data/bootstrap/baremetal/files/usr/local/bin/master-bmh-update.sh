#!/usr/bin/env bash
# master-bmh-update.service: when all hosts of the control plane are installed, ends the work of this machine's baremetal
# operator and leaves the hosts to the one in the cluster.
set -euo pipefail

# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh

namespace=openshift-machine-api
control_plane='--selector=installer.openshift.io/role=control-plane'

# The API may be away for a while: what fails is tried again.
persist() {
    until "$@"; do
        sleep 20
    done
}

count_provisioned() {
    oc get baremetalhosts --namespace="${namespace}" "${control_plane}" \
        --output=go-template='{{range .items}}{{.status.provisioning.state}}{{"\n"}}{{end}}' | grep --count --line-regexp provisioned || true
}

topology() {
    oc get infrastructure cluster --output=jsonpath='{.status.controlPlaneTopology}'
}

until (($(count_provisioned) >= CONTROL_PLANE_REPLICA_COUNT)); do
    echo "Waiting for ${CONTROL_PLANE_REPLICA_COUNT} provisioned hosts of the control plane."
    sleep 20
done

# Two nodes with fencing switch each other off: the operator must not switch them on again behind their back.
until kind="$(topology)"; do
    sleep 20
done
if [[ "${kind}" == DualReplica ]]; then
    persist oc annotate --overwrite baremetalhosts --namespace="${namespace}" "${control_plane}" baremetalhost.metal3.io/detached=
fi

# The operator is bound to ironic. Two operators at once would take each other's changes for failures.
systemctl stop ironic.service
while systemctl is-active --quiet metal3-baremetal-operator.service; do
    echo 'Waiting for the baremetal operator to stop.'
    sleep 5
done

# The workers' hosts were held back until now.
persist oc annotate --overwrite baremetalhosts --namespace="${namespace}" --all baremetalhost.metal3.io/paused-
