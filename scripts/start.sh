#!/usr/bin/env bash
# npm start: everything from an empty machine to the running stack dev. Again and again: what is
# there stays, what was lost returns.
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup/setup.sh"

[ $# = 0 ] || usage_error "npm start takes no arguments; for another stack: npm run pulumi -- up --stack $1"
set_up dev
report
drop_dead_lock
cd "$root"
# With refresh, so that a container removed by hand returns; without the preview that nobody would
# answer. Pulumi's own words show each resource, the clone's progress and, last, the outputs.
pulumi up --stack dev "${config_args[@]}" --yes --skip-preview --refresh ||
  die "'pulumi up' failed: its words are above. What was made stays; mend the cause and run 'npm start' again."
node "$root/scripts/setup/summary.mjs" "$data_dir/state/.pulumi/stacks/laterbase/dev.json"
