#!/usr/bin/env bash
# Sourced: looks whether the API server can be found and reached by the names that the cluster will use. A wrong record or
# load balancer is a frequent cause of a failed bootstrap, and the service record is where it is looked for. It does not
# hold up the bootstrap: both may still come while it goes on.
#
#   resolve_url api|api-int URL
#   check_url   api|api-int URL

api_server_ca=/opt/openshift/tls/kube-apiserver-complete-server-ca-bundle.crt

# https://name:6443 -> name
host_of() {
    local authority="${1#*://}"
    echo "${authority%:*}"
}

# The resolver that programs use, with /etc/hosts and all.
resolve_url() {
    local stage="resolve-$1-url" url="$2"
    record_service_stage_start "${stage}"
    if getent ahosts "$(host_of "${url}")"; then
        record_service_stage_success
    else
        echo "The name of ${url} can't be resolved." >&2
        record_service_stage_failure
    fi
}

# Any answer will do, a refusal of an unknown client too: what counts is that the right server is there.
check_url() {
    local stage="check-$1-url" url="$2"
    record_service_stage_start "${stage}"
    if curl --head --silent --show-error --output /dev/null --max-time 30 --cacert "${api_server_ca}" "${url}/version"; then
        record_service_stage_success
    else
        echo "The API server can't be reached at ${url}." >&2
        record_service_stage_failure
    fi
}
