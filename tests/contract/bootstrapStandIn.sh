#!/usr/bin/bash
# Stands in for a program of the bootstrap machine, under whose name it is called: notes its arguments in /case/calls (one
# line a call, arguments separated by 0x1f), kills the script that called it if the test wants that, and answers as the
# test's /case/answers.sh says. Only builtins are safe here: `sleep`, `touch` and others are stand-ins themselves.
set -uo pipefail

tool="${0##*/}"
call="${tool}${*:+ $*}"
{
    printf '%s' "${tool}"
    (($# == 0)) || printf '\x1f%s' "$@"
    printf '\n'
} >>/case/calls

# The first line of /case/kills is a pattern of the next call that is not survived.
if [[ -s /case/kills ]]; then
    mapfile -t kills </case/kills
    # shellcheck disable=SC2053 # a pattern
    if [[ "${call}" == ${kills[0]} ]]; then
        printf '%s\n' "${kills[@]:1}" | /usr/bin/sed '/^$/d' >/case/kills.rest
        /usr/bin/mv /case/kills.rest /case/kills
        # Half of a stage's work: it must not be found by the stage's repetition.
        for argument in "$@"; do
            if [[ "${argument}" == --*-dir=/assets/*-bootstrap* ]]; then
                folder="${argument#*=/assets/}"
                /usr/bin/mkdir -p "${folder}/manifests"
                echo half >"${folder}/manifests/half.yaml"
            fi
        done
        kill -KILL "${PPID}"
        exit 137
    fi
fi

# A script that waits for what never comes would wait for ever.
if [[ "${tool}" == sleep ]] && (($(/usr/bin/grep --count '^sleep' /case/calls) > 100)); then
    kill -KILL "${PPID}"
fi

# answered NUMBER TIMES: whether the rule has answered that often already (0 = it answers always)
answered() {
    local count=0
    [[ ! -e "/case/answered.$1" ]] || count="$(<"/case/answered.$1")"
    ((count < $2 || $2 == 0)) || return 0
    echo "$((count + 1))" >"/case/answered.$1"
    return 1
}

. /case/answers.sh
