#!/usr/bin/env bash
# Collects the cluster's resources from the bootstrap control plane, or from the cluster's own if that answers already.
# bootkube.sh runs it when the cluster does not come up, installer-gather.sh for the log bundle.
#
#   bootstrap-cluster-gather.sh [DIRECTORY]
#
# Secrets are not asked for. Nothing that fails stops it: the API is expected to be ill.
set -uo pipefail

directory="${1:-/var/log/openshift/cluster-resources}"

resources=(
    apiservices
    certificatesigningrequests
    clusteroperators
    clusterversions
    controllerrevisions
    cronjobs
    daemonsets
    deployments
    endpoints
    events
    infrastructures
    jobs
    machineconfigpools
    machineconfigs
    machines
    machinesets
    mutatingwebhookconfigurations
    namespaces
    networks
    nodes
    persistentvolumes
    pods
    podnetworkconnectivitychecks
    priorityclasses
    proxies
    replicasets
    services
    statefulsets
    storageclasses
    validatingwebhookconfigurations
    baremetalhosts
    provisionings
    etcds.operator.openshift.io
    kubeapiservers.operator.openshift.io
    kubecontrollermanagers.operator.openshift.io
    kubeschedulers.operator.openshift.io
)

ask() { timeout --kill-after=5 60 oc --kubeconfig="${kubeconfig}" --request-timeout=5s "$@" </dev/null; }

# The first kubeconfig by which an API answers. On a single node that was the bootstrap machine they have moved.
choose_kubeconfig() {
    for kubeconfig in /opt/openshift/auth/kubeconfig-loopback /opt/openshift/auth/kubeconfig \
        /etc/kubernetes/bootstrap-secrets/kubeconfig; do
        if [[ -r "${kubeconfig}" ]] && ask get --raw=/readyz >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

if ! choose_kubeconfig; then
    echo 'No API server answers: there are no resources to gather.' >&2
    exit 0
fi

umask 0077
mkdir --parents "${directory}"
echo "Gathering resources of the cluster by ${kubeconfig} ..." >&2
for kind in "${resources[@]}"; do
    ask get "${kind}" --all-namespaces --output=json >"${directory}/${kind%%.*}.json" 2>"${directory}/${kind%%.*}.error"
    # Empty are: what could not be had, and errors of what could.
    find "${directory}" -name "${kind%%.*}.*" -empty -delete
done
# This one tells how far the bootstrap has come.
ask get configmap bootstrap --namespace=kube-system --output=json >"${directory}/bootstrap-configmap.json" 2>/dev/null
ask version >"${directory}/version.txt" 2>&1
exit 0
