#!/usr/bin/env bash
# npm run check: format, lint and types, scripts, schema, unit tests. A failure
# does not stop the others, so that one run shows all failures.
# shellcheck source=scripts/npm/help.sh
. "$(dirname "${BASH_SOURCE[0]}")/help.sh"
show_help "$@" <<'HELP'
npm run check: format, lint and types, shell scripts, generated files and unit tests. It needs no Docker.

  npm run check

All of them run, also when one fails; the output of those that failed is shown. It takes about a minute.

Exit codes: 0 everything is right, 1 something is not
Example:    npm run check
Documented: CONTRIBUTING.md#set-up
HELP
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

take_turn
need_node_packages
end_turn
have shellcheck || apt_install shellcheck || true
cd "$root"
export PATH=$root/node_modules/.bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2317 # called by name
check_shell() {
  have shellcheck || { echo "shellcheck is missing: apt-get install shellcheck"; return 1; }
  # Only what is run: the parts that are sourced are followed from there.
  git grep -lE '^#!.*\b(ba)?sh$' -- images scripts .ci ':!scripts/npm' ':!scripts/ci' | xargs shellcheck -x -a -P SCRIPTDIR:. &&
    # Each of these sources all of setup.sh. It is followed once, above, so its variables and set -e are unknown here.
    git grep -lE '^#!.*\b(ba)?sh$|^# shellcheck shell=bash$' -- scripts/npm scripts/ci | xargs shellcheck -e SC1091,SC2154,SC2164
}

names=()
begin() { # <name> <command…>: in the background
  local name=$1
  shift
  names+=("$name")
  { local started=$SECONDS; if "$@" >"$work/$name" 2>&1; then echo "ok $((SECONDS - started))"; else echo "FAILED $((SECONDS - started))"; fi >"$work/$name.status"; } &
}

begin format oxfmt --check .
begin shell check_shell
begin schema tsx scripts/npm/schema.ts --check
# The types too: TypeScript compiles natively in it.
begin lint oxlint --type-aware --type-check --deny-warnings
# This only warns, because today's advisory may be about code of last year. `npm run release` refuses it.
begin audit tsx scripts/npm/release/known.ts
# Some of them wait, so three at a time use two cores.
begin unit env NODE_OPTIONS="$jest_node_options" jest --selectProjects unit --silent --maxWorkers 3
wait

status=0
for name in "${names[@]}"; do
  result=$(cat "$work/$name.status" 2>/dev/null || echo "FAILED ?")
  printf '%-7s %s (%s s)\n' "$name" "${result% *}" "${result#* }"
  [ "$name" != audit ] || sed 's/^/  warning: /' "$work/audit"
  if [ "${result% *}" != ok ]; then
    sed 's/^/  /' "$work/$name"
    status=1
  fi
done
exit "$status"
