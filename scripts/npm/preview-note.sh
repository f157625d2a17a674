#!/usr/bin/env bash
# npm run --silent preview-note [-- --stack <name>]: what `up` would change, as Markdown for a merge request.
# Other arguments go to `pulumi preview`. The stack is dev unless --stack or PULUMI_STACK names another.
# shellcheck disable=SC2034 # lib.sh reads it
say_fd=2
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

stack=${PULUMI_STACK:-dev}
others=()
while [ $# -gt 0 ]; do
  case $1 in
    --stack | -s) [ $# -ge 2 ] || usage_error "--stack needs a name."; stack=$2; shift ;;
    --stack=*) stack=${1#*=} ;;
    --help | -h)
      sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) others+=("$1") ;;
  esac
  shift
done

take_turn
need_tools "$stack"
need_docker
need_images "$stack"
end_turn
cd "$root"
exec node --require tsx/cjs scripts/wrapper/previewNote.ts "$stack" ${config_args[@]+"${config_args[@]}"} ${others[@]+"${others[@]}"}
