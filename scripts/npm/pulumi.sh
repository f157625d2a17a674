#!/usr/bin/env bash
# The Pulumi CLI that set-up found or built, in its environment: npm run pulumi -- <command>.
# The stack is dev unless --stack, PULUMI_STACK or the command itself names another.
# shellcheck source=scripts/npm/help.sh
. "$(dirname "${BASH_SOURCE[0]}")/help.sh"
# Behind a command, --help is Pulumi's own.
show_help "${1:-}" <<'HELP'
npm run pulumi: the Pulumi CLI that set-up found or built, for this project's stacks.

  npm run pulumi -- <command> [<Pulumi's arguments and options>]

  up, preview, destroy       as Pulumi has them, with the changes in words and a look at every part at the end
  <any other command>        Pulumi's own, such as config, login or stack
  --stack <name>             the stack (default: PULUMI_STACK, or dev)
  help, <command> --help     Pulumi's own help

A stack that is not dev needs PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, unless its passphrase was
made by 'npm run laterbase -- new'; at a terminal it is asked for.

Exit codes: 0 done, 1 a part does not work or set-up failed, 2 usage, 4 another run is at work;
            any other one is Pulumi's
Example:    npm run --silent pulumi -- stack output --json
Documented: docs/external-primary.md
HELP
# shellcheck disable=SC2034 # lib.sh reads it
say_fd=2
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

stack=${PULUMI_STACK:-}
words=()
expect_stack=
for arg in "$@"; do
  if [ -n "$expect_stack" ]; then
    stack=$arg expect_stack=
    continue
  fi
  case $arg in
    --stack | -s) expect_stack=yes ;;
    --stack=*) stack=${arg#*=} ;;
    -s?*) stack=${arg#-s} ;;
    -*) ;;
    *) words+=("$arg") ;;
  esac
done
named=$stack
command=${words[0]:-} subcommand=${words[1]:-}

case $command/$subcommand in
  stack/init | stack/select | stack/rm)
    # These take the stack as a plain word.
    if [ -n "${words[2]:-}" ]; then stack=${words[2]}; named=$stack; fi
    ;;
esac
if [ "$command/$subcommand" = stack/select ] && [ "${stack:-dev}" != dev ]; then
  say "laterbase: this script uses stack dev unless --stack or PULUMI_STACK names another."
fi

extra=()
case $command in
  '' | version | help | login | logout | whoami | org | plugin | package | schema | convert | new | install | policy | env | project | deployment | api | ai)
    # About no stack: the user's own backend.
    stack=none
    ;;
  *) stack=${stack:-dev} ;;
esac
case $command in
  up | update | preview | pre | refresh | destroy | down | watch | import | config | logs) takes_config=yes ;;
  *) takes_config= ;;
esac
# For any other command, Pulumi itself knows whether it needs one.
case $command in
  up | update | preview | pre | refresh | destroy | down | watch) need_passphrase "$stack" ;;
esac

take_turn
need_tools "$stack"
case $command in
  up | update | preview | pre | refresh | watch)
    need_docker
    need_images "$stack"
    ;;
esac
end_turn
if [ "$stack" != none ] && [ -z "$named" ]; then extra+=(--stack dev); fi
if [ "$stack" = dev ] && [ -n "$takes_config" ]; then extra+=("${config_args[@]}"); fi
# It would delete the checkout's Pulumi.dev.yaml, which all users share.
if [ "$stack/$command/$subcommand" = dev/stack/rm ]; then extra+=(--preserve-config); fi

cd "$root"
case $command in
  up | preview | destroy)
    # Around Pulumi: the changes in words, a short progress, and at the end a look at every part. The command
    # comes first, whatever stands before it.
    args=()
    skipped=
    for arg in "$@"; do
      if [ -z "$skipped" ] && [ "$arg" = "$command" ]; then skipped=yes; else args+=("$arg"); fi
    done
    exec node --require tsx/cjs scripts/wrapper/main.ts "$command" ${args[@]+"${args[@]}"} ${extra[@]+"${extra[@]}"}
    ;;
  config)
    # Pulumi itself says nothing about these two.
    case $subcommand in set) what="set" ;; rm) what=removed ;; *) exec pulumi "$@" ${extra[@]+"${extra[@]}"} ;; esac
    pulumi "$@" ${extra[@]+"${extra[@]}"}
    up='npm start'
    [ "$stack" = dev ] || up="npm run pulumi -- up --stack $stack"
    say "laterbase: ${words[2]:-the value} is $what for stack $stack; '$up' applies it."
    ;;
  *) exec pulumi "$@" ${extra[@]+"${extra[@]}"} ;;
esac
