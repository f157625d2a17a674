#!/usr/bin/env bash
# npm start: everything from an empty machine to the running stack dev. It can run again at any time: what is
# there stays, and what was lost is created again.
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

[ $# = 0 ] || usage_error "npm start takes no arguments; for another stack: npm run pulumi -- up --stack $1"
set_up dev
report
drop_dead_lock
cd "$root"
state=$data_dir/state/.pulumi/stacks/laterbase/dev.json
# Refreshes only when something was lost or changed, so that it is created again. There is no preview, because
# nobody would answer it. Pulumi's output shows each resource, the clone's progress and the outputs.
refresh=(--refresh)
if node scripts/setup/asRecorded.mjs "$state"; then refresh=(--refresh=false); fi
pulumi up --stack dev "${config_args[@]}" --yes --skip-preview "${refresh[@]}" ||
  die "'pulumi up' failed: its output is above. What was created stays. Fix the cause and run 'npm start' again."
node "$root/scripts/setup/summary.mjs" "$state"
