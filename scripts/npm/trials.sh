#!/usr/bin/env bash
# npm run trials [-- <name>…] [jest's options…]: set-up, then these long tests, or all.
# shellcheck source=scripts/npm/help.sh
. "$(dirname "${BASH_SOURCE[0]}")/help.sh"
show_help "$@" <<'HELP'
npm run trials: sets the machine up, and then runs the long tests, one file at a time.

  npm run trials [-- <name>… | --list] [<jest's options>]

  <name>    a folder of test/trials, or one file in it, as in health/repairs (default: all of them)
  --list    list the groups, which are the folders

Environment:
  LATERBASE_ROUNDS     faults that a standby meets, in group faults (default: 12)
  LATERBASE_SCHEMAS    schemas that are generated, in group roundTrip (default: 1000)
  LATERBASE_MAJORS     majors of PostgreSQL, in group roundTrip (default: 13,15,17)
  LATERBASE_MAJOR      one major of PostgreSQL, in groups backups, extensions and restore (default: 17)
  LATERBASE_AWAY_MINUTES   how long the object store is away, in group backups (default: 10)
  LATERBASE_SEED, LATERBASE_PATH   repeat a failure of group roundTrip

Exit codes: 0 every test passed, 1 a test failed or set-up did, 2 an unknown name
Example:    npm run trials -- faults
Documented: CONTRIBUTING.md#tests
HELP
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

list_groups() {
  local folder
  for folder in "$root"/test/trials/*/; do basename "$folder"; done
}

groups=()
options=()
for word in "$@"; do
  case $word in
    --list)
      list_groups
      exit 0
      ;;
    -*) options+=("$word") ;;
    *)
      if [ -d "$root/test/trials/$word" ]; then
        groups+=("/test/trials/$word/")
      elif [ -f "$root/test/trials/$word.test.ts" ]; then
        groups+=("/test/trials/$word.test.ts")
      else
        usage_error "unknown trial '$word'. Name a file, such as health/repairs, or a group: $(list_groups | paste -sd ' ' -)."
      fi
      ;;
  esac
done

set_up dev bullseye bookworm trixie
# The tests of the object store run its own program.
[ -z "${LATERBASE_STAND_INS:-}" ] || { have go && need_versitygw; } || say "laterbase: Go is missing, so the tests of the object store will fail."
# The tests of alerts and messages run Prometheus, Alertmanager and Postfix.
case " ${groups[*]-} " in
  '  ' | *"/trials/health/"*)
    { have prometheus && have prometheus-alertmanager && have postfix; } ||
      apt_install prometheus prometheus-alertmanager postfix ||
      say "laterbase: Prometheus, Alertmanager or Postfix is missing, so their tests will fail."
    ;;
esac
# The tests of pipelines run a registry, and gitlab-ci-local, which copies by rsync.
case " ${groups[*]-} " in
  '  ' | *"/trials/pipelines/"* | *"/trials/registry/"*)
    { have docker-registry && have rsync; } || apt_install docker-registry rsync ||
      say "laterbase: docker-registry or rsync is missing, so the tests of pipelines will fail."
    ;;
esac
report
cd "$root"
results=$(mktemp -d)
# shellcheck disable=SC2317 # the trap calls it
finish() { rm -rf "$results"; }
trap finish EXIT
status=0
# One at a time: they measure how long things take under load.
node_modules/.bin/jest --selectProjects trials --maxWorkers 1 --json --outputFile "$results/trials.json" \
  ${options[@]+"${options[@]}"} ${groups[@]+"${groups[@]}"} >"$results/out" || status=1
node scripts/npm/testReport.mjs --each "$results/trials.json" || status=1
exit "$status"
