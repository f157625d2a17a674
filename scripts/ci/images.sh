#!/usr/bin/env bash
# scripts/ci/images.sh [--json <file>] [--fresh] [stack file…]: builds the images of ours that these stack files need
# (default: every Pulumi.*.yaml), and pushes them as <LATERBASE_REGISTRY>/<name>:<LATERBASE_TAG> and :latest. --json
# writes a list of them, and beside it what each one contains. --fresh builds also what the registry has already, for
# Debian's newest packages. Docker's own configuration has the login.
# shellcheck source=scripts/setup/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../setup/setup.sh"

absolute() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$PWD" "$1" ;; esac; }

words=() files=()
while [ $# -gt 0 ]; do
  case $1 in
    --json) [ $# -ge 2 ] || usage_error "--json needs a file."; words+=(--json "$(absolute "$2")"); shift ;;
    --fresh) words+=(--fresh) ;;
    --help | -h)
      sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    -*) usage_error "images.sh does not know $1." ;;
    *) files+=("$(absolute "$1")") ;;
  esac
  shift
done
[ -n "${LATERBASE_REGISTRY:-}" ] || die "LATERBASE_REGISTRY must be the registry and the project's path in it, such as registry.example.com/group/project."
[ -n "${LATERBASE_TAG:-}" ] || die "LATERBASE_TAG must be the tag of the images, such as the commit 3f2a9c1."
[ ${#files[@]} -gt 0 ] || files=("$root"/Pulumi.*.yaml)

take_turn
need_node_packages
need_docker
needs=$(for file in "${files[@]}"; do node "$here/stackFile.mjs" needs "$file" || die "${file#"$root/"} cannot be read."; done)
# shellcheck disable=SC2046 # one word a suite
need_base_images images "" $(sed -n 's/^suite //p' <<<"$needs" | sort -u)
if [ -n "${LATERBASE_STAND_INS:-}" ] && grep -q '^service objectStore$' <<<"$needs"; then need_versitygw; fi
end_turn
cd "$root"
exec node --require tsx/cjs scripts/ci/images.ts ${words[@]+"${words[@]}"} "${files[@]}"
