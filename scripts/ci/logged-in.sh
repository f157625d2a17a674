#!/usr/bin/env bash
# scripts/ci/logged-in.sh <command…>: runs a command with the job's login at its registry, and leaves no login behind.
# shellcheck source=scripts/ci/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# -gt 0 ] || usage_error "logged-in.sh needs a command, such as scripts/ci/images.sh."
log_in_to_registry
"$@"
