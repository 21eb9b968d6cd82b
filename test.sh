#!/bin/sh
# Passes the tests, real hosts included; arguments go to vitest. See CONTRIBUTING.md.
root=$(dirname "$(readlink -f "$0")")
exec node "$root/tools/setup.mjs" tools/test.ts "$@"
