#!/usr/bin/env bash
# Builds the log bundle of an installation on the bootstrap machine. `openshift-install gather bootstrap` runs it by SSH
# and fetches the archive; an engineer may run it too.
#
#   installer-gather.sh [--id ID] [ADDRESS...]
#
# The addresses are those of control-plane machines; without them, the cluster is asked. The archive is
# /home/core/log-bundle-ID.tar.gz. Nothing that fails stops it: a broken installation is what it is for.
set -uo pipefail

# Logs are root's; the agent of the user's SSH connection is what opens the control plane.
if ((EUID != 0)); then
    exec sudo --preserve-env=SSH_AUTH_SOCK "$0" "$@"
fi

id=
if [[ "${1:-}" == --id ]]; then
    id="${2:?--id needs a value}"
    shift 2
fi
masters=("$@")

name="log-bundle${id:+-${id}}"
archive="/home/core/${name}.tar.gz"
work="$(mktemp --directory)"
trap 'rm --recursive --force "${work}"' EXIT
bundle="${work}/${name}"
umask 0077
mkdir --parents "${bundle}"/{bootstrap/services,control-plane,rendered-assets,resources}

note() { echo "$*" >&2; }

gather_bootstrap_machine() {
    note 'Gathering the bootstrap machine ...'
    local unit arguments=()
    for unit in approve-csr bootkube crio crio-configure image-customization ironic ironic-dnsmasq ironic-httpd \
        ironic-ramdisk-logs kubelet master-bmh-update metal3-baremetal-operator release-image sssd; do
        arguments+=(--unit "${unit}.service")
    done
    # The journal identifier of a script that is no unit of its own.
    journalctl --boot --no-pager --output=short --identifier=release-image-download.sh \
        >"${work}/release-image-download.log" 2>&1
    /usr/local/bin/installer-masters-gather.sh --directory "${bundle}/bootstrap" "${arguments[@]}"
    mv "${work}/release-image-download.log" "${bundle}/bootstrap/journals/"
    # These two describe the machine as a whole; `openshift-install analyze` and support tools look for them at the top.
    mv "${bundle}/bootstrap/failed-units.txt" "${bundle}/bootstrap/unit-status" "${bundle}/"
    # The progress records of the units, which `openshift-install analyze` reads.
    cp /var/log/openshift/*.json "${bundle}/bootstrap/services/"
}

# Whatever holds a secret must not leave the machine: by its name, or by what is in it.
remove_secrets() {
    local assets="$1"
    find "${assets}" -depth \( -iname '*secret*' -o -iname '*kubeconfig*' -o -name '*.key' -o -name '*.ign' -o -name .kube \
        -o -name kubeadmin-password \) -exec rm --recursive --force {} +
    # Private keys in PEM, as they are and in base64 at any of its three alignments; Secrets under any name; pull secrets.
    local pattern='-----BEGIN ([A-Z]+ )?PRIVATE KEY|\bkind"?: *"?Secret\b|"auths"|eyJhdXRocyI6'
    pattern+='|LS0tLS1CRUdJTi[A-Za-z0-9+/]{0,16}(UFJJVkFURSBLRV|QUklWQVRFIEtFW|BSSVZBVEUgS0VZ)'
    grep --recursive --extended-regexp --files-with-matches --null --regexp="${pattern}" "${assets}" |
        xargs --null --no-run-if-empty rm --force
}

gather_rendered_assets() {
    [[ -d /opt/openshift ]] || return 0
    note 'Gathering rendered assets ...'
    cp --recursive --no-target-directory /opt/openshift "${bundle}/rendered-assets/openshift"
    remove_secrets "${bundle}/rendered-assets"
}

# Addresses of the control plane's nodes as the cluster knows them.
known_masters() {
    local nodes="${bundle}/resources/nodes.json"
    [[ -s "${nodes}" ]] || return 0
    jq --raw-output '.items[]
        | select(.metadata.labels | has("node-role.kubernetes.io/master") or has("node-role.kubernetes.io/control-plane"))
        | first(.status.addresses[] | select(.type == "InternalIP")).address' "${nodes}"
}

gather_control_plane() {
    if ((${#masters[@]} == 0)); then
        mapfile -t masters < <(known_masters)
    fi
    local master directory
    for master in "${masters[@]}"; do
        note "Gathering ${master} ..."
        directory="${bundle}/control-plane/${master}"
        mkdir --parents "${directory}"
        # Keys of hosts are new with every installation: there is nothing to compare them with.
        ssh -o BatchMode=yes -o ConnectTimeout=10 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
            "core@${master}" sudo bash -s -- </usr/local/bin/installer-masters-gather.sh |
            tar --extract --gzip --directory "${directory}" ||
            note "${master} could not be gathered."
    done
}

gather_resources() {
    /usr/local/bin/bootstrap-cluster-gather.sh "${bundle}/resources"
    # What bootkube.sh has gathered when it failed may be all there is.
    local earlier=/var/log/openshift/cluster-resources
    if [[ -d "${earlier}" ]]; then
        cp --recursive --no-target-directory "${earlier}" "${bundle}/resources/when-bootkube-failed"
    fi
}

gather_bootstrap_machine
gather_resources
gather_rendered_assets
gather_control_plane

# The user who fetches it is core; nobody else may read it.
tar --create --gzip --file "${work}/${name}.tar.gz" --directory "${work}" "${name}"
mkdir --parents /home/core
install --mode=0600 --owner=core --group=core "${work}/${name}.tar.gz" "${archive}"
note "Log bundle written to ${archive}"
