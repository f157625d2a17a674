#!/usr/bin/env bash
# npm run trials [-- <group>…] [jest's options…]: set-up, then the long tests of these groups, or of all.
# npm run trials -- --list lists the groups: each is a folder of test/trials. A table of the time of each
# test comes at the end. LATERBASE_ROUNDS sets how many faults a standby meets in group faults (12). In group
# roundTrip LATERBASE_SCHEMAS sets how many schemas are generated (1000), and LATERBASE_MAJORS for which majors
# (13,15,17); LATERBASE_SEED and LATERBASE_PATH repeat a failure.
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
      [ -d "$root/test/trials/$word" ] ||
        usage_error "unknown group of trials '$word'. The groups are: $(list_groups | paste -sd ' ' -)."
      groups+=("/test/trials/$word/")
      ;;
  esac
done

set_up dev bullseye bookworm trixie
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
