#!/usr/bin/env bash
# progress.service: tells the installer, by way of the cluster, that this machine is no longer needed.
set -euo pipefail

# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh
# shellcheck source=wait-for-ha-api.sh
. /usr/local/bin/wait-for-ha-api.sh

: "${KUBECONFIG:?names the kubeconfig to use}"

is_reported() {
    oc get configmap bootstrap --namespace=kube-system --output=name
}

echo 'Waiting for bootkube to be done ...'
record_service_stage_start wait-for-bootstrap-complete
until [[ -e /opt/openshift/.bootkube.done ]]; do
    sleep 5
done
wait_for_ha_api
record_service_stage_success

echo 'Reporting that the bootstrap is complete ...'
record_service_stage_start report-bootstrap-complete
until is_reported; do
    oc create configmap bootstrap --namespace=kube-system --from-literal=status=complete || sleep 5
done
record_service_stage_success
