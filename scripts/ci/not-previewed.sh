#!/usr/bin/env bash
# scripts/ci/not-previewed.sh <stack>: says in the note of a stack that this commit has no preview, because a job before
# it failed. So the note of an older commit does not stay as if it were that of this one.
# shellcheck source=scripts/ci/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

stack=${1:-}
[ -n "$stack" ] || usage_error "not-previewed.sh needs a stack: scripts/ci/not-previewed.sh dev."
take_turn
need_node_packages
end_turn
not_previewed "$stack" "The job check or images of this commit failed, so the preview did not start."
merge_note "$stack" "note-$stack.md"
