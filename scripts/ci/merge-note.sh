#!/usr/bin/env bash
# scripts/ci/merge-note.sh <stack> <file>: writes a file into the merge request of a GitLab job, as one note for each
# stack, which the next run edits in place.
# shellcheck source=scripts/ci/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

take_turn
need_node_packages
end_turn
merge_note "$@"
