#!/usr/bin/env bash
# The operator's command: npm run laterbase -- <command>; --help tells which there are.
# The stack is dev unless --stack or PULUMI_STACK names another.
# shellcheck disable=SC2034 # lib.sh reads it
say_fd=2
# The operator's folder: paths that are typed start there. npm changes into the checkout, and says where it was called.
if [ -z "${LATERBASE_SET_UP:-}" ]; then
  LATERBASE_CALLED_FROM=$PWD
  [ "${npm_lifecycle_event:-}" != laterbase ] || LATERBASE_CALLED_FROM=${INIT_CWD:-$PWD}
  export LATERBASE_CALLED_FROM
fi
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

# The commands that need a Docker engine and images, and those that need the Pulumi CLI. A unit test compares these
# lists with the registry in scripts/cli/commands, so that Node starts once.
needs_images='preflight rotate'
needs_pulumi='doctor forget'

# The program in one file, which starts in a fifth of the time. Its name is a hash of what it is made of, so it is
# never a stale one. It is in node_modules, where it finds the packages that are not in it.
need_bundle() {
  local files hash
  cd "$root"
  files=$(find components contract images/build scripts/cli scripts/engine scripts/patches scripts/pooler \
    scripts/primary scripts/registry -type f '(' -name '*.ts' -o -name '*.json' -o -name '*.mjs' ')' | LC_ALL=C sort)
  hash=$(printf '%s\n' "$files" | { cat; tr '\n' '\0' <<<"$files" | xargs -0 cat package-lock.json; } | sha256 | cut -c 1-16)
  bundle=$root/node_modules/.cache/laterbase/cli/$hash.cjs
  [ ! -f "$bundle" ] || return 0
  node scripts/cli/bundle.mjs "$bundle" || die "the operator's command could not be bundled: the reason is above."
  # Those of earlier sources. Another run may have just begun with one.
  find "${bundle%/*}" -type f -mmin +60 ! -name "$hash.cjs" -delete 2>/dev/null || true
}

# Succeeds where the state is in a folder of this machine, and all that the program needs is there: it then reads the
# state itself. A command that needs the Pulumi CLI starts this script again, with LATERBASE_SET_UP.
can_go_ahead() { # <stack>
  local backend=${PULUMI_BACKEND_URL:-} home=${PULUMI_CREDENTIALS_PATH:-${PULUMI_HOME:-$HOME/.pulumi}}
  [ -z "${LATERBASE_SET_UP:-}" ] && have_node_packages || return 1
  if [ "$1" = dev ]; then
    [ -s "$data_dir/passphrase" ] || return 1
    backend=file://$data_dir/state
  elif [ -z "$backend" ]; then
    backend=$(sed -n 's/.*"current": *"\(file:[^"]*\)".*/\1/p' "$home/credentials.json" 2>/dev/null) || return 1
  fi
  case $backend in
    file://~*) backend=$HOME${backend#file://~} ;;
    file:///*) backend=${backend#file://} ;;
    *) return 1 ;;
  esac
  [ -s "${backend%%\?*}/.pulumi/stacks/laterbase/${1##*/}.json" ] || return 1
  if [ "$1" = dev ]; then
    export PULUMI_BACKEND_URL=file://$data_dir/state PULUMI_CONFIG_PASSPHRASE_FILE=$data_dir/passphrase
    unset PULUMI_CONFIG_PASSPHRASE
    export LATERBASE_STACK_FILE=$data_dir/Pulumi.dev.yaml
  fi
  export LATERBASE_WITHOUT_SET_UP=yes
}

# Docker Desktop, Colima and rootless engines listen elsewhere. Where a socket is at its usual place, it is that one.
find_engine() {
  [ -n "${DOCKER_HOST:-}" ] || [ -S /var/run/docker.sock ] || use_docker_context || true
}

stack=${PULUMI_STACK:-dev}
expect_stack='' help='' command='' json=''
[ $# -gt 0 ] || help=yes
for arg in "$@"; do
  if [ -n "$expect_stack" ]; then
    stack=$arg expect_stack=''
    continue
  fi
  case $arg in
    --) break ;;
    --stack | -s) expect_stack=yes ;;
    --stack=*) stack=${arg#*=} ;;
    -s?*) stack=${arg#-s} ;;
    --help | -h | help) help=yes ;;
    --json) json=yes ;;
    -*) ;;
    *) command=${command:-$arg} ;;
  esac
done

# With --json a program reads standard output, also when set-up fails before the command begins.
why='set-up failed: standard error says why'
die() {
  why=$*
  printf 'laterbase: %s\n' "$*" >&2
  exit 1
}
report_json() {
  local code=$? text=$why
  [ "$code" != 0 ] || return 0
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  printf '{"error":"%s","exitCode":%s}\n' "$(printf '%s' "$text" | tr -s '[:cntrl:]' ' ')" "$code"
}
if [ -n "$json" ]; then
  trap report_json EXIT
  if [ "${npm_lifecycle_event:-}" = laterbase ] && [ "${npm_config_loglevel:-}" != silent ] && [ ! -t 1 ]; then
    say "laterbase: npm printed lines of its own before the JSON; 'npm run --silent laterbase -- …' prints the JSON alone."
  fi
fi

unset LATERBASE_WITHOUT_SET_UP
[ -n "$help" ] || [ "$command" = new ] || need_passphrase "$stack"
need_node
# What needs nothing but a stack, its files and this program waits for no other set-up.
case $command in completion) help=yes ;; esac
if [ -n "$help" ]; then
  have_node_packages || take_turn
elif [ "$command" != new ] && [[ " $needs_images $needs_pulumi " != *" $command "* ]] && can_go_ahead "$stack"; then
  need_bundle
  find_engine
  export PULUMI_STACK=$stack
  exec node "$bundle" "$@"
else
  take_turn
fi
if [ -n "$help" ]; then
  need_node_packages
elif [ "$command" = new ]; then
  # It makes the stack: there is no state to look for.
  need_tools none
else
  need_tools "$stack"
  export LATERBASE_STACK_FILE=${stack_file:-}
  if [[ " $needs_images " == *" $command "* ]]; then
    # It reads the stack file, and may build the image of PostgreSQL.
    need_docker
    need_images "$stack"
  # A stack on a remote engine needs none here.
  elif engine ping >/dev/null 2>&1 || use_docker_context; then :; fi
fi
[ -z "${turn:-}" ] || end_turn

unset LATERBASE_SET_UP
need_bundle
if [ "$command" = new ]; then unset PULUMI_STACK; else export PULUMI_STACK=$stack; fi
exec node "$bundle" "$@"
