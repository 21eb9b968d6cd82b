#!/usr/bin/env bash
# Sourced by bootkube.sh where this machine becomes the single node itself: the last two stages, which put the temporary
# control plane into the Ignition config that the node will start with. They use bootkube.sh's image_for and
# run_container and run in /opt/openshift.

# The members' data is copied: nothing may write it any more. A stage that was interrupted finds the pod moved.
stop_etcd() {
    local pod=/etc/kubernetes/manifests/etcd-member-pod.yaml containers
    if [[ -e "${pod}" ]]; then
        mv "${pod}" /etc/kubernetes/
    fi
    containers="$(crictl ps --quiet --name etcd)"
    while [[ -n "${containers}" ]]; do
        echo 'Waiting for etcd to stop ...'
        sleep 10
        containers="$(crictl ps --quiet --name etcd)"
    done
}

# The temporary machine config server has the node's configuration. What this machine has logged is gone with it unless
# the node gets that too.
master_ignition() {
    local image
    image="$(image_for cluster-bootstrap)"
    # Both hold keys and the pull secret; what writes them keeps the mode.
    install --mode=0600 /dev/null original-master.ign
    install --mode=0600 /dev/null master.ign
    curl --fail --silent --show-error --retry 10 --retry-delay 5 --retry-connrefused \
        --header 'Accept: application/vnd.coreos.ignition+json;version=3.2.0' \
        --output original-master.ign \
        http://localhost:22624/config/master
    /usr/local/bin/installer-gather.sh --id bootstrap
    cp /home/core/log-bundle-bootstrap.tar.gz .
    run_container --privileged \
        --volume "${PWD}:/assets:z" \
        --volume /usr/local/bin:/assets/bin \
        --volume /var/lib/etcd:/assets/etcd-data \
        --volume /etc/kubernetes:/assets/kubernetes \
        "${image}" bootstrap-in-place \
        --asset-dir /assets \
        --input /assets/bootstrap-in-place/master-update.fcc \
        --output /assets/master.ign
}
