#!/usr/bin/env bash
# approve-csr.service: lets new nodes join while the bootstrap control plane serves the API. Until the cluster has a
# controller of its own that checks requests against its machines, every pending request is approved.
set -euo pipefail

# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh

: "${KUBECONFIG:?names the kubeconfig to use}"

# A request is pending as long as it has no condition.
pending_requests() {
    oc get csr --output=go-template='{{range .items}}{{if not .status.conditions}}{{.metadata.name}}{{"\n"}}{{end}}{{end}}'
}

approve_pending() {
    local names
    names="$(pending_requests)" || return 1
    [[ -n "${names}" ]] || return 0
    mapfile -t names <<<"${names}"
    oc adm certificate approve "${names[@]}"
}

echo 'Approving certificate signing requests until bootkube is done.'
while [[ ! -e /opt/openshift/.bootkube.done ]]; do
    # The API may be away for a while: the next round asks again.
    approve_pending || true
    sleep 20
done
