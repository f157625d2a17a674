#!/usr/bin/env bash
# scripts/ci/merge-note.sh <stack> <file>: writes a file into the merge request of a GitLab job, as one note for each
# stack, which the next run edits in place.
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

take_turn
need_node_packages
end_turn
cd "$root"
exec node --require tsx/cjs scripts/ci/mergeNote.ts "$@"
