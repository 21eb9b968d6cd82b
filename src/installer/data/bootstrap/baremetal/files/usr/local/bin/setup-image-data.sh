#!/usr/bin/env bash
# Runs before image-customization.service: writes the settings that go into the hosts' images and are found on this machine.
set -euo pipefail

# shellcheck disable=SC2034 # read by bootstrap-service-record.sh
PRE_COMMAND=setup-image-data
# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh

pull_secret=/root/.docker/config.json
trust_bundle=/etc/pki/ca-trust/source/anchors/ca.crt

# It holds the pull secret, and lives in memory only.
umask 0077
encoded_pull_secret="$(base64 --wrap=0 "${pull_secret}")"
{
    echo "IRONIC_AGENT_PULL_SECRET=${encoded_pull_secret}"
    if [[ -s "${trust_bundle}" ]]; then
        echo "CA_BUNDLE=${trust_bundle}"
    fi
} >/run/image-customization.env
