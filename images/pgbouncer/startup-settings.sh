#!/usr/bin/env bash
# startup-settings.sh <PgBouncer's version>: prints what PgBouncer does with start-up parameters that it
# cannot keep for a client. `extra_float_digits` comes from old JDBC drivers, and its loss changes nothing.
# Before 1.26.1 `options` must be ignored too: otherwise a client can crash PgBouncer (CVE-2026-107349).
set -euo pipefail

IFS=. read -r major minor patch _ <<<"${1//[!0-9.]/.}.0.0"
if ((major * 1000000 + minor * 1000 + patch >= 1026001)); then
  # It refuses each of the `options` that it cannot keep, by name.
  echo "ignore_startup_parameters = extra_float_digits"
else
  echo "ignore_startup_parameters = extra_float_digits,options"
fi
