#!/usr/bin/env bash
# npm start: everything from an empty machine to the running stack dev. It can run again at any time: what is
# there stays, and what was lost is created again.
# shellcheck source=scripts/npm/help.sh
. "$(dirname "${BASH_SOURCE[0]}")/help.sh"
show_help "$@" <<'HELP'
npm start: prepares the machine and brings up the stack dev of Pulumi.dev.yaml.

  npm start
  npm start -- --adopt   makes a new state for what a lost one left on the Docker engine, and keeps the data

It can run again at any time: what is there stays, and what was lost is created again. At its end it looks at every
part and names each that does not work.

Exit codes: 0 the stack is up, 1 a part does not work or set-up failed, 2 usage, 4 another run is at work;
            any other one is Pulumi's
Example:    npm start
Documented: docs/failures.md#what-npm-start-says-at-its-end
HELP
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

if [ "$*" != '' ] && [ "$*" != --adopt ]; then
  case $1 in -*) other='<name>' ;; *) other=$1 ;; esac
  usage_error "npm start takes --adopt and nothing else; for another stack: npm run pulumi -- up --stack $other"
fi
set_up dev
report
drop_dead_lock
cd "$root"
# Refreshes only when something was lost or changed, so that it is created again.
refresh=(--refresh)
if node scripts/setup/asRecorded.mjs "$data_dir/state/.pulumi/stacks/laterbase/dev.json"; then refresh=(); fi
exec node --require tsx/cjs scripts/wrapper/main.ts start --stack dev "${config_args[@]}" ${refresh[@]+"${refresh[@]}"} "$@"
