#!/usr/bin/env bash
# The operator's command: npm run laterbase -- <command>; --help tells which there are.
# The stack is dev unless --stack or PULUMI_STACK names another.
# shellcheck disable=SC2034 # lib.sh reads it
say_fd=2
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

# The commands that need a Docker engine and images. A unit test compares this list with the registry
# in scripts/cli/commands, so that Node starts once.
needs_images='preflight'

stack=${PULUMI_STACK:-dev}
expect_stack='' help='' command=''
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
    -*) ;;
    *) command=${command:-$arg} ;;
  esac
done

[ -n "$help" ] || need_passphrase "$stack"
take_turn
if [ -n "$help" ]; then
  need_node_packages
else
  need_tools "$stack"
  if [[ " $needs_images " == *" $command "* ]]; then
    # It reads the stack file, and may build the image of PostgreSQL.
    need_docker
    need_images "$stack"
    export LATERBASE_STACK_FILE=${stack_file:-}
  # A stack on a remote engine needs none here.
  elif engine ping >/dev/null 2>&1 || use_docker_context; then :; fi
fi
end_turn

cd "$root"
export PULUMI_STACK=$stack
exec node --import tsx scripts/cli/laterbase.ts "$@"
