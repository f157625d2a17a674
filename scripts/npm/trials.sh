#!/usr/bin/env bash
# npm run trials: set-up, then the long tests: many faults in a row, on every major that builds
# everywhere. LATERBASE_ROUNDS says how many faults a major meets (12). Arguments go to jest.
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

set_up dev bullseye bookworm trixie
report
cd "$root"
node_modules/.bin/jest --selectProjects trials --maxWorkers 1 "$@"
