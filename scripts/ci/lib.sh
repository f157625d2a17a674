# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared by the files that are sourced together
# What the jobs' scripts share. It is sourced, not run.
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"
cd "$root"

# What a job does at its end, however that comes. A job that has more to do has an at_end of its own.
login_folder=
at_end() { :; }
finish() {
  local code=$?
  at_end "$code"
  [ -z "$login_folder" ] || rm -rf "$login_folder"
  exit "$code"
}
trap finish EXIT

# Which of a stack's secrets a job lacks, one name a line. A fork has none of them.
missing_secrets() { # <stack>
  [ -n "${PULUMI_BACKEND_URL:-}${PULUMI_ACCESS_TOKEN:-}" ] || echo PULUMI_BACKEND_URL
  # Another provider of secrets, such as a cloud's, has its own login.
  grep -qs '^secretsprovider:' "Pulumi.$1.yaml" || [ -n "${PULUMI_CONFIG_PASSPHRASE:-}${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ] ||
    echo PULUMI_CONFIG_PASSPHRASE
}

# Of a pipeline, also dev is in the backend that the job's variables name. The prefix keeps set-up from giving it
# the state of this machine's own dev.
need_stack_tools() { # <stack>
  [ -f "Pulumi.$1.yaml" ] || die "there is no stack file Pulumi.$1.yaml."
  take_turn
  need_tools "pipeline/$1"
  end_turn
}

# What the program must know of the stack file before it is read.
need_plain_keys() { # <stack>
  stack_needs=$(needs_of "pipeline/$1")
  LATERBASE_PLAIN_KEYS=$(sed -n 's/^plain //p' <<<"$stack_needs")
  export LATERBASE_PLAIN_KEYS
}

# Whether the stack's engines can pull the images of others, or run the stand-ins of ours. No base image is made.
choose_services() { # <stack>
  local pushed=yes suites
  suites=$(sed -n 's/^suite //p' <<<"$stack_needs")
  # shellcheck disable=SC2086 # one word a suite
  need_base_images "pipeline-$1" "$(sed -n 's/^engine //p' <<<"$stack_needs")" $suites
}

# The stack file of this job: the checkout's, with the images of this commit. The checkout stays as it is.
make_work_file() { # <stack>
  local said
  work_file=$root/.laterbase/ci/Pulumi.$1.yaml
  said=$(node --require tsx/cjs scripts/ci/workFile.ts "Pulumi.$1.yaml" "$work_file" 2>&1) || die "$said"
}

# Gives the engine's pulls the job's own login, and nothing of it to the next job. Without one, the login of this
# machine's user counts.
log_in_to_registry() {
  [ -n "${LATERBASE_REGISTRY_USER:-}" ] && [ -n "${LATERBASE_REGISTRY_PASSWORD:-}" ] || return 0
  login_folder=$(mktemp -d)
  node scripts/ci/dockerConfig.mjs "$login_folder/config.json"
  export DOCKER_CONFIG=$login_folder
}

# Writes the note of a stack that was not previewed, into note-<stack>.md.
not_previewed() { # <stack> <sentence>
  local commit=${NOTE_COMMIT:-}
  commit=${commit:0:8}
  # shellcheck disable=SC2016 # the backticks are Markdown's
  printf '### Laterbase, stack `%s`%s: not previewed\n\n%s\n' "$1" "${commit:+ at \`$commit\`}" "$2" >"note-$1.md"
}

# Writes a note into the merge request. Node 22.21 and newer take HTTPS_PROXY from the environment where they are told to.
merge_note() { # <stack> <file>
  NODE_USE_ENV_PROXY=1 node --require tsx/cjs scripts/ci/mergeNote.ts "$@"
}
