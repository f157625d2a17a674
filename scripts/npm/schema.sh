#!/usr/bin/env bash
# npm run schema: generates what docs/ says about the configuration from the schemas in components/.
# shellcheck source=scripts/npm/help.sh
. "$(dirname "${BASH_SOURCE[0]}")/help.sh"
show_help "$@" <<'HELP'
npm run schema: writes what is generated: docs/configuration.md, docs/stack.schema.json, and the settings of
the image's own sessions.

  npm run schema [-- --check]

  --check   change nothing, and fail if a file is not as it would be written

Exit codes: 0 done, 1 a file is stale
Example:    npm run schema -- --check
Documented: CONTRIBUTING.md#a-new-configuration-key
HELP
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

take_turn
need_node_packages
end_turn
cd "$root"
exec node --require tsx/cjs scripts/npm/schema.ts "$@"
