#!/usr/bin/env bash
# npm test: set-up, then every test, then a table of the time of each file. The last line is
# "N passed, N failed". Arguments go to jest.
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

# The last line gives numbers whatever happens. The report prints it when both runs are over.
reported=
results=$(mktemp -d)
# shellcheck disable=SC2317 # the trap calls it
finish() {
  [ -n "$reported" ] || say "0 passed, 0 failed"
  rm -rf "$results"
}
trap finish EXIT

set_up dev bullseye bookworm trixie
# The tests over SSH start a server of their own.
[ -x /usr/sbin/sshd ] || have sshd || apt_install openssh-server || say "laterbase: sshd is missing, so the tests over SSH will fail."
# The tests of pages need a browser.
have chromium || apt_install chromium || say "laterbase: chromium is missing, so the tests of pages will fail."
report

cd "$root"
status=0
run() { # <project> <workers> [jest's arguments…]
  local project=$1 workers=$2
  shift 2
  say "laterbase: $project tests"
  node_modules/.bin/jest --selectProjects "$project" --maxWorkers "$workers" --passWithNoTests \
    --json --outputFile "$results/$project.json" "$@" >"$results/$project.out" || status=1
}
run unit "${LATERBASE_UNIT_WORKERS:-100%}" "$@"
# They mostly wait, so three at a time use two cores.
run integration "${LATERBASE_INTEGRATION_WORKERS:-3}" "$@"
reported=yes
node scripts/npm/testReport.mjs "$results/unit.json" "$results/integration.json" || status=1
exit "$status"
