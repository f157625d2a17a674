#!/usr/bin/env bash
# npm test: set-up, then every test, then a table of the time of each file. The last line is
# "N passed, N failed". Arguments go to jest.
# shellcheck source=scripts/npm/help.sh
. "$(dirname "${BASH_SOURCE[0]}")/help.sh"
show_help "$@" <<'HELP'
npm test: sets the machine up, and then runs every test: unit tests, programs of ours, and real PostgreSQL in containers.

  npm test [-- <jest's options>]

Arguments go to jest, such as a path or -t <name>. A table of the time of each file comes at the end, and the
last line is "N passed, N failed".

Environment:
  LATERBASE_UNIT_WORKERS          files at a time that need no Docker (default: one for each core, or 3 of programs)
  LATERBASE_INTEGRATION_WORKERS   integration test files at a time (default: 3)

Exit codes: 0 every test passed, 1 a test failed or set-up did
Example:    npm test -- test/unit/config.test.ts
Documented: CONTRIBUTING.md#tests
HELP
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
# The tests of the alert rules run promtool.
have promtool || apt_install prometheus || say "laterbase: promtool is missing, so the tests of the alert rules will fail."
# The test of GitHub's workflow builds actionlint.
have go || say "laterbase: Go is missing, so the test of the workflow will fail."
# The tests of pipelines run gitlab-ci-local, which copies by rsync.
have rsync || apt_install rsync || say "laterbase: rsync is missing, so the tests of pipelines will fail."
# The tests of images from a registry run one.
have docker-registry || apt_install docker-registry || say "laterbase: docker-registry is missing, so the tests of images from a registry will fail."
# The tests of the object store run its own program.
[ -z "${LATERBASE_STAND_INS:-}" ] || (need_versitygw) || say "laterbase: versitygw is missing, so the tests of the object store will fail."
report

cd "$root"
status=0
records=()
run() { # <name> <project> <workers> [jest's arguments…]
  local name=$1 project=$2 workers=$3
  shift 3
  records+=("$results/$name.json")
  say "laterbase: $name tests"
  node_modules/.bin/jest --selectProjects "$project" --maxWorkers "$workers" --passWithNoTests \
    --json --outputFile "$results/$name.json" "$@" >"$results/$name.out" || status=1
}
NODE_OPTIONS=$jest_node_options run unit unit "${LATERBASE_UNIT_WORKERS:-100%}" "$@"
# Programs that start and servers that wait, so three at a time use two cores.
run programs programs "${LATERBASE_UNIT_WORKERS:-3}" "$@"
# They mostly wait, so three at a time use two cores. With four the cores have no rest, and each takes longer.
run integration integration "${LATERBASE_INTEGRATION_WORKERS:-3}" "$@"
reported=yes
node scripts/npm/testReport.mjs "${records[@]}" || status=1
exit "$status"
