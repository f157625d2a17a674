#!/usr/bin/env bash
# scripts/ci/check.sh: what must be right before anything is built: format, lint, types, shell, generated files, unit
# tests. It needs neither Docker nor a secret.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../npm/check.sh"
