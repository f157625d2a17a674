#!/usr/bin/env bash
# The operator's command: npm run laterbase -- <command>; --help tells which there are.
# The stack is dev unless --stack or PULUMI_STACK names another.
# shellcheck disable=SC2034 # lib.sh reads it
say_fd=2
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

# The commands that need a Docker engine and images. A unit test compares this list with the registry
# in scripts/cli/commands, so that Node starts once.
needs_images='preflight rotate'

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

[ -n "$help" ] || [ "$command" = new ] || need_passphrase "$stack"
if [ -n "$help" ]; then
  need_node
  # Help waits for no other set-up where there is nothing to install.
  have_node_packages || take_turn
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

cd "$root"
if [ "$command" = new ]; then unset PULUMI_STACK; else export PULUMI_STACK=$stack; fi
exec node --require tsx/cjs scripts/cli/laterbase.ts "$@"
