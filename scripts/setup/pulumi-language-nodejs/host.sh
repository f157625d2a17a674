#!/usr/bin/env bash
# The host that set-up builds is older than the CLI. It takes the options of the runtime as flags, and the CLI sends
# them with each request. So this starts it with the options that Pulumi.yaml of the project sets.
set -euo pipefail

option() { # <name>
  sed -n "s/^ *$1: *//p" Pulumi.yaml 2>/dev/null | head -n 1 || true
}

flags=()
for name in typescript nodeargs; do
  value=$(option "$name")
  [ -z "$value" ] || flags+=("-$name=$value")
done
exec "${BASH_SOURCE[0]%/*}/built-language-nodejs" ${flags[@]+"${flags[@]}"} "$@"
