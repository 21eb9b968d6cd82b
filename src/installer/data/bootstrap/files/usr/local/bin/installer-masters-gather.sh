#!/usr/bin/env bash
# Collects what one host can tell about itself. installer-gather.sh runs it on the bootstrap machine and, by SSH, on every
# machine of the control plane.
#
#   installer-masters-gather.sh [--directory DIRECTORY] [--unit UNIT]...
#
# Without a directory, the files go to standard output as a compressed tar archive. Nothing that fails stops it: a broken
# host is what it is for.
set -uo pipefail

directory=
units=()
while (($# > 0)); do
    case "$1" in
    --directory) directory="${2:?--directory needs a path}" && shift 2 ;;
    --unit) units+=("${2:?--unit needs a name}") && shift 2 ;;
    *) echo "$1 is unknown; there are --directory DIRECTORY and --unit UNIT" >&2 && exit 1 ;;
    esac
done
if ((${#units[@]} == 0)); then
    units=(crio kubelet machine-config-daemon-host machine-config-daemon-pull NetworkManager nodeip-configuration
        openvswitch ovs-configuration ovsdb-server ovs-vswitchd sssd)
fi

note() { echo "$*" >&2; }

# Output of a command, errors included, into a file. A command that hangs must not keep the others from being run.
save() {
    local file="$1"
    shift
    timeout --kill-after=5 60 "$@" >"${file}" 2>&1 </dev/null || true
}

gather_units() {
    note 'Gathering journals and states of units ...'
    mkdir --parents "${directory}/journals" "${directory}/unit-status"
    local unit
    for unit in "${units[@]}"; do
        save "${directory}/journals/${unit%.service}.log" journalctl --boot --no-pager --output=short --unit="${unit}"
    done
    save "${directory}/failed-units.txt" systemctl list-units --state=failed --no-pager --plain
    local failed
    while read -r failed _; do
        [[ -n "${failed}" ]] || continue
        save "${directory}/unit-status/${failed}.txt" systemctl status --full --no-pager --lines=0 "${failed}"
        save "${directory}/unit-status/${failed}.log" journalctl --boot --no-pager --output=short --unit="${failed}"
    done < <(systemctl list-units --state=failed --no-legend --no-pager --plain)
}

gather_network() {
    note 'Gathering the state of the network ...'
    local network="${directory}/network"
    mkdir --parents "${network}"
    save "${network}/hostname.txt" hostname
    save "${network}/ip-addr.txt" ip addr
    save "${network}/ip-route.txt" ip route
    save "${network}/ip-6-route.txt" ip -6 route
    save "${network}/listening.txt" ss --listening --numeric --tcp --udp --processes
    save "${network}/resolv.conf" cat /etc/resolv.conf
}

# Environment variables of containers hold passwords. A description that can't be read as JSON is left out.
without_environment() { jq 'del(.. | .env?, .Env?, .CreateCommand?)'; }

gather_pod_containers() {
    note 'Gathering containers of pods ...'
    mkdir --parents "${directory}/containers"
    save "${directory}/containers/list.txt" crictl ps --all
    local id name
    for id in $(timeout 60 crictl ps --all --quiet); do
        name="$(timeout 60 crictl inspect "${id}" | jq --raw-output .status.metadata.name)"
        save "${directory}/containers/${name}-${id}.log" crictl logs "${id}"
        timeout 60 crictl inspect "${id}" | without_environment >"${directory}/containers/${name}-${id}.inspect"
    done
}

# What systemd units run, such as ironic and bootkube's render calls.
gather_podman_containers() {
    note 'Gathering containers of podman ...'
    mkdir --parents "${directory}/pods"
    local id name
    for id in $(timeout 60 podman ps --all --quiet); do
        name="$(timeout 60 podman inspect "${id}" | jq --raw-output '.[0].Name')"
        save "${directory}/pods/${name}-${id}.log" podman logs "${id}"
        timeout 60 podman inspect "${id}" | without_environment >"${directory}/pods/${name}-${id}.inspect"
    done
}

gather_operating_system() {
    note 'Gathering the state of the operating system ...'
    mkdir --parents "${directory}/rpm-ostree"
    save "${directory}/rpm-ostree/status.txt" rpm-ostree status
    save "${directory}/rpm-ostree/status.json" rpm-ostree status --json
}

to_standard_output=
if [[ -z "${directory}" ]]; then
    if [[ -t 1 ]]; then
        note 'The archive goes to standard output: send it to a file.'
        exit 1
    fi
    to_standard_output=yes
    directory="$(mktemp --directory)"
    trap 'rm --recursive --force "${directory}"' EXIT
fi
# Logs are nobody's business but root's.
umask 0077

gather_units
gather_network
gather_pod_containers
gather_podman_containers
gather_operating_system

if [[ -n "${to_standard_output}" ]]; then
    tar --create --gzip --directory "${directory}" .
fi
