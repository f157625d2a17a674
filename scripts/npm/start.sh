#!/usr/bin/env bash
# npm start: everything from an empty machine to the running stack dev. It can run again at any time: what is
# there stays, and what was lost is created again.
#   -- --adopt   makes a new state for what a lost one left on the engine
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

[ "$*" = '' ] || [ "$*" = --adopt ] ||
  usage_error "npm start takes --adopt and nothing else; for another stack: npm run pulumi -- up --stack $1"
set_up dev
report
drop_dead_lock
cd "$root"
# Refreshes only when something was lost or changed, so that it is created again.
refresh=(--refresh)
if node scripts/setup/asRecorded.mjs "$data_dir/state/.pulumi/stacks/laterbase/dev.json"; then refresh=(); fi
exec node --import tsx scripts/wrapper/main.ts start --stack dev "${config_args[@]}" ${refresh[@]+"${refresh[@]}"} "$@"
