#!/usr/bin/env bash
# npm run bench [-- [--quick] preview|start|clone|lag|idle…]: measures and compares, see bench/README.md.
# shellcheck source=scripts/npm/help.sh
. "$(dirname "${BASH_SOURCE[0]}")/help.sh"
show_help "$@" <<'HELP'
npm run bench: measures what Laterbase costs, and prints a table of ratios.

  npm run bench [-- [--quick] <measurement>…]

  <measurement>   such as preview, start, clone, lag or idle (default: all of them)
  --quick         fewer rounds: minutes in place of an hour

Exit codes: 0 it measured, 1 it failed
Example:    npm run bench -- --quick preview
Documented: bench/README.md
HELP
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

set_up dev
report
cd "$root"
# shellcheck disable=SC2154 # set-up's state.sh sets it
LATERBASE_DEV_CONFIG=$stack_file exec node --require tsx/cjs bench/index.ts "$@"
