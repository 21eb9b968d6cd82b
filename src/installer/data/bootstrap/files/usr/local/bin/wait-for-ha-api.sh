#!/usr/bin/env bash
# Sourced: waits until the API survives the end of the bootstrap machine. A cluster that is made to be highly available
# must not lose it with this machine, so two of its own API servers have to be there.
#
#   wait_for_ha_api   needs KUBECONFIG

control_plane_topology() {
    oc get infrastructures.config.openshift.io cluster --output=jsonpath='{.status.controlPlaneTopology}'
}

# Control plane machines on which a revision of the API server runs.
api_server_count() {
    oc get kubeapiservers.operator.openshift.io cluster --output=json |
        jq '[.status.nodeStatuses[]? | select((.currentRevision // 0) > 0)] | length'
}

wait_for_ha_api() {
    local topology='' count=0
    until topology="$(control_plane_topology)" && [[ -n "${topology}" ]]; do
        sleep 5
    done
    if [[ "${topology}" != HighlyAvailable ]]; then
        echo "The control plane's topology is ${topology}: there are no further API servers to wait for."
        return 0
    fi
    until count="$(api_server_count)" && ((count >= 2)); do
        echo 'Waiting for two API servers of the cluster ...'
        sleep 5
    done
}
