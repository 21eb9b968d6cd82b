#!/usr/bin/env bash
# bootkube.service of the single node, after it was started from its disk: the temporary control plane runs here once more,
# until the cluster has replaced it by its own. Every step waits until it has taken effect, so the whole can be repeated.
set -euo pipefail

export KUBECONFIG=/etc/kubernetes/bootstrap-secrets/kubeconfig

root=/opt/openshift
overrides="${root}/original_cvo_overrides.patch"

wait_for_api() {
    until oc get --raw=/readyz >/dev/null; do
        echo 'Waiting for the API ...'
        sleep 5
    done
}

# The live system's progress.service could not: without etcd it had no API any more.
report_bootstrap_complete() {
    until oc get configmap bootstrap --namespace=kube-system --output=name; do
        oc create configmap bootstrap --namespace=kube-system --from-literal=status=complete || sleep 5
    done
}

# remove NAMESPACE KIND NAME, until it is gone
remove() {
    local namespace="$1" kind="$2" name="$3"
    until oc delete "${kind}" "${name}" --namespace="${namespace}" --ignore-not-found; do
        sleep 5
    done
}

# release_lease MARK NAMESPACE NAME: what held it in the live system is gone, and nobody would get it before it runs out.
# Once only: a lease that is there in a repeated run belongs to the cluster.
release_lease() {
    local mark="${root}/$1.done"
    if [[ -e "${mark}" ]]; then
        return 0
    fi
    remove "$2" lease "$3"
    remove "$2" configmap "$3"
    touch "${mark}"
}

restore_cvo_overrides() {
    until oc patch clusterversion version --type=merge --patch-file="${overrides}"; do
        echo "The overrides of the version operator can't be restored yet."
        sleep 10
    done
}

# is_ready KIND ARGUMENT...: whether at least one such object has the condition Ready
is_ready() {
    local states
    states="$(oc get "$@" --output=jsonpath='{.items[*].status.conditions[?(@.type=="Ready")].status}')" || return 1
    [[ " ${states} " == *' True '* ]]
}

approve_pending_requests() {
    local names
    names="$(oc get csr --output=go-template='{{range .items}}{{if not .status.conditions}}{{.metadata.name}}{{"\n"}}{{end}}{{end}}')" || return 1
    [[ -n "${names}" ]] || return 0
    mapfile -t names <<<"${names}"
    oc adm certificate approve "${names[@]}"
}

wait_for_node() {
    until is_ready nodes --selector=node-role.kubernetes.io/master; do
        echo 'Approving certificate signing requests until the node is ready ...'
        approve_pending_requests || true
        sleep 10
    done
}

# kubelet got its settings after it was started, and it has to see that static pods were replaced.
restart_kubelet() {
    until is_ready pods --namespace=openshift-kube-apiserver-operator --selector=app=kube-apiserver-operator; do
        echo 'Waiting for the operator of the API server ...'
        sleep 10
    done
    systemctl daemon-reload
    systemctl restart kubelet
    while grep --quiet bootstrap-kube-apiserver /etc/kubernetes/manifests/kube-apiserver-pod.yaml; do
        echo "Waiting for the cluster's own API server ..."
        sleep 10
    done
    systemctl restart kubelet
}

is_available() {
    local state
    state="$(oc get clusterversion version --output=jsonpath='{.status.conditions[?(@.type=="Available")].status}')" || return 1
    [[ "${state}" == True ]]
}

wait_for_cluster() {
    until is_available; do
        echo 'Waiting for the cluster to be available ...'
        oc get clusteroperators || true
        sleep 20
    done
}

# Begins with what tells a repeated run that nothing else is left to do, and ends with the kubeconfig, without which the unit
# is not started any more.
clean() {
    rm --force "${overrides}"
    rm --recursive --force "${root}" /var/log/log-bundle-bootstrap.tar.gz \
        /usr/local/bin/installer-gather.sh /usr/local/bin/installer-masters-gather.sh \
        /etc/kubernetes/bootstrap-configs /etc/kubernetes/bootstrap-manifests
    rm --recursive --force /etc/kubernetes/bootstrap-secrets
    systemctl disable bootkube.service
}

hand_over() {
    wait_for_api
    report_bootstrap_complete
    release_lease release-cvo-lease openshift-cluster-version version
    release_lease release-cluster-policy-controller-lease kube-system cluster-policy-controller-lock
    restore_cvo_overrides
    wait_for_node
    restart_kubelet
    wait_for_cluster
}

if [[ -e "${overrides}" ]]; then
    hand_over
fi
clean
