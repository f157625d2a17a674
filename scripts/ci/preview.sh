#!/usr/bin/env bash
# scripts/ci/preview.sh <stack>: previews a stack, writes what would change into note-<stack>.md, and that into the
# merge request. It fails when the preview fails, or when a data volume would be lost. Without secrets, and for what
# this job cannot reach, it says so and passes.
# shellcheck source=scripts/ci/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

stack=${1:-}
[ -n "$stack" ] || usage_error "preview.sh needs a stack: scripts/ci/preview.sh dev."
note=$root/note-$stack.md
code=0
why=$(mktemp)
# The note of a run before this one, on a runner that keeps its checkout.
rm -f "$note"

# Also from a subshell, the sentence is what the note says.
die() {
  printf '%s\n' "$*" >"$why"
  printf 'laterbase: %s\n' "$*" >&2
  exit 1
}

# A job that fails half-way must not leave the note of an older commit as if it were that of this one.
is_noted=
# shellcheck disable=SC2317 # the trap calls it
at_end() { # <exit code>
  if [ -z "$is_noted" ]; then
    [ -s "$why" ] || echo "The job ended with $1 before the preview, and its log says why." >"$why"
    not_previewed "$stack" "$(cat "$why")"
    merge_note "$stack" "$note" || true
  fi
  rm -f "$why"
}

# Says which engines this job cannot reach. Pulumi's provider asks the default one before anything else, so it gets
# an address where it does not.
look_at_engines() {
  local host
  unseen='' blocked=''
  while IFS= read -r host; do
    host=${host#engine}
    host=${host# }
    engine --host "$host" ping >/dev/null 2>&1 && continue
    unseen+="The Docker engine ${host:-of this stack} does not answer this job, so the preview does not know what was removed or changed there by hand, and whether its ports are free."$'\n'
    case $host in
      '') export DOCKER_HOST=ssh://nobody@127.0.0.1:9 ;;
      ssh://*) ;;
      *) blocked=$host ;;
    esac
  done < <(grep '^engine' <<<"$stack_needs")
}

missing=$(missing_secrets "$stack" | paste -sd ' ' - | sed 's/ / and /')
if [ -n "$missing" ]; then
  need_node_packages
  not_previewed "$stack" "This pipeline has no $missing, as in a fork. A person who has them can look: \`npm run preview-note -- --stack $stack\`."
else
  need_stack_tools "$stack"
  need_plain_keys "$stack"
  make_work_file "$stack"
  log_in_to_registry
  newer=$(node --require tsx/cjs scripts/ci/deployedVersion.ts check "$stack")
  look_at_engines
  [ -n "$unseen" ] || choose_services "$stack"
  if [ -n "$newer" ]; then
    not_previewed "$stack" "$newer"
    code=1
  elif [ -n "$blocked" ]; then
    not_previewed "$stack" "The Docker engine $blocked does not answer this job, and Pulumi's provider needs it even for a preview."
  else
    LATERBASE_UNSEEN=$unseen node --require tsx/cjs scripts/wrapper/previewNote.ts "$stack" --config-file "$work_file" >"$note" || code=$?
    [ -s "$note" ] || not_previewed "$stack" "The preview ended with $code and said nothing, and the job's log says why."
  fi
  # Pulumi's own code for a stack that nobody has made yet.
  if [ "$code" = 6 ]; then
    code=0
    not_previewed "$stack" "The backend has no stack \`$stack\` yet, so there is nothing to compare with."
  fi
fi

# Plain dev in a command is the stack of `npm start` on the reader's own machine.
if [ "$stack" = dev ] && grep -qE 'npm run laterbase|npm start' "$note"; then
  # shellcheck disable=SC2016 # the backticks are Markdown's
  printf '\nThese commands are for the stack of this pipeline only with `--stack organization/laterbase/dev`: docs/pipelines.md.\n' >>"$note"
fi

is_noted=yes
merge_note "$stack" "$note"
exit "$code"
