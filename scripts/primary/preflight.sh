# shellcheck shell=bash disable=SC2154
# Looks, and touches nothing. All findings come together, one sentence a line.
step_apply() {
  sql sql_preflight >"$work/findings"
  if grep -q '^- ' "$work/findings"; then
    sed -n 's/^- //p' "$work/findings" >&2
    exit 1
  fi
  cat "$work/findings"
}
