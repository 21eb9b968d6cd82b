#!/usr/bin/env bash
# node-image-pull.service: fetches the release's node image into an OSTree repository and checks it out for
# node-image-overlay.sh.
set -euo pipefail

# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh
# shellcheck source=release-image.sh
. /usr/local/bin/release-image.sh

work=/var/ostree-container
checkout="${work}/checkout"

# The repository of a live system is part of its ISO and can't be written.
prepare_repository() {
    mkdir --parents "${work}"
    if [[ -e /run/ostree-live ]]; then
        repo="${work}/repo"
        ostree init --mode=bare --repo="${repo}"
    else
        repo=/ostree/repo
        mount --options remount,rw /sysroot
    fi
}

# Registries are away now and then, and nothing on this machine goes on without the image.
pull() {
    local image="$1"
    until ostree container image pull --authfile /root/.docker/config.json "${repo}" "ostree-unverified-registry:${image}"; do
        echo "The node image ${image} can't be pulled yet; trying again in 10 seconds." >&2
        sleep 10
    done
}

# The name of the image's ref is its pull spec in an escaped form, of which the digest's digits are left as they are.
ref_of() {
    local image="$1"
    ostree refs --repo="${repo}" --list ostree/container/image | grep --max-count=1 "${image##*:}\$"
}

# Files of /etc that differ from the booted image were written by Ignition or by a person: they stay as they are, because
# node-image-overlay.sh copies only what is in the checkout.
list_changed_configuration() {
    ostree admin config-diff | sed --quiet --regexp-extended 's,^[MDA]\s+,/usr/etc/,p'
}

prepare_repository
image="$(image_for rhel-coreos)"
pull "${image}"
ref="$(ref_of "${image}")"

list_changed_configuration >"${work}/changed-configuration"
# What an interrupted run has left may be incomplete.
rm --recursive --force "${checkout}" "${checkout}.partial"
ostree checkout --repo="${repo}" --skip-list="${work}/changed-configuration" "${ref}" "${checkout}.partial"
mv "${checkout}.partial" "${checkout}"
