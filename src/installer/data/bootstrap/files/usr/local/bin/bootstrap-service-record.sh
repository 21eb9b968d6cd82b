#!/usr/bin/env bash
# Sourced by the scripts of services: keeps a record of when the service and its stages began and how they ended, in
# /var/log/openshift/<unit>.json. The installer's gathering reads it to tell which stage a bootstrap failed in.
#
# A script that is a unit's pre- or post-command sets PRE_COMMAND or POST_COMMAND to its name before it sources this.
# Sourcing records the start; the end is recorded when the script exits, for whatever reason it does.

# Functions and subshells shall report their failing command too.
set -o errtrace

record_directory=/var/log/openshift
record_unit="$(ps -o unit= $$)"
record_file="${record_directory}/${record_unit%.service}.json"
record_stage=''
record_failed_at=''

# What the script is to its unit.
record_subject() {
    if [[ -n "${PRE_COMMAND:-}" ]]; then
        echo pre-command
    elif [[ -n "${POST_COMMAND:-}" ]]; then
        echo post-command
    else
        echo service
    fi
}

# record_entry PHASE [RESULT [ERROR_LINE ERROR_MESSAGE]]
# The file is replaced whole: a reader, or a run that is killed, never meets half an array.
record_entry() {
    local entries='[]' now
    TZ=UTC printf -v now '%(%Y-%m-%dT%H:%M:%SZ)T' -1
    if [[ -s "${record_file}" ]]; then
        entries="$(<"${record_file}")"
    fi
    jq \
        --arg timestamp "${now}" \
        --arg preCommand "${PRE_COMMAND:-}" \
        --arg postCommand "${POST_COMMAND:-}" \
        --arg stage "${record_stage}" \
        --arg phase "$1" \
        --arg result "${2:-}" \
        --arg errorLine "${3:-}" \
        --arg errorMessage "${4:-}" \
        '. + [{$timestamp, $preCommand, $postCommand, $stage, $phase, $result, $errorLine, $errorMessage}
            | with_entries(select(.value != ""))]' \
        <<<"${entries}" >"${record_file}.tmp"
    mv "${record_file}.tmp" "${record_file}"
}

# The last words of the unit: most programs say there why they failed.
record_last_messages() {
    journalctl --unit="${record_unit}" --lines=3 --output=cat || true
}

# record_service_stage_start NAME
record_service_stage_start() {
    if [[ -n "${record_stage}" ]]; then
        echo "Stage $1 can't begin: ${record_stage} has not ended." >&2
        exit 1
    fi
    record_stage="$1"
    record_entry 'stage start'
}

record_service_stage_success() {
    record_entry 'stage end' success
    record_stage=''
}

# For a stage whose failure is not the end of the script.
record_service_stage_failure() {
    record_entry 'stage end' failure "$(caller 0)" "$(record_last_messages)"
    record_stage=''
}

record_service_exit() {
    local status="$1" result=success line='' message=''
    # From here on nothing may change the exit status, and a second failure must not hide the first.
    set +o errexit
    trap - ERR
    if ((status != 0)); then
        result=failure
        line="${record_failed_at:-$(caller 0)}"
        message="$(record_last_messages)"
    fi
    if [[ -n "${record_stage}" ]]; then
        record_entry 'stage end' "${result}" "${line}" "${message}"
        record_stage=''
    fi
    record_entry "$(record_subject) end" "${result}" "${line}" "${message}"
}

mkdir --parents "${record_directory}"
record_entry "$(record_subject) start"
trap 'record_failed_at="${LINENO} ${FUNCNAME[0]:-main} ${BASH_SOURCE[0]}"' ERR
trap 'record_service_exit $?' EXIT
