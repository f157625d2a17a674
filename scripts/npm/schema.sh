#!/usr/bin/env bash
# npm run schema: generates what docs/ says about the configuration from the schemas in components/.
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

take_turn
need_node_packages
end_turn
cd "$root"
exec node --import tsx scripts/npm/schema.ts "$@"
