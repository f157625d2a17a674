#!/usr/bin/env bash
# npm run bench [-- [--quick] preview|start|clone|lag|idle…]: measures and compares, see bench/README.md.
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

set_up dev
report
cd "$root"
# shellcheck disable=SC2154 # set-up's state.sh sets it
LATERBASE_DEV_CONFIG=$stack_file exec node --import tsx bench/index.ts "$@"
