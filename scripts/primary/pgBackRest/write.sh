# shellcheck shell=bash
# Writes pgBackRest's configuration. Each file is written beside the old one, synced and renamed: pgBackRest reads it
# at every call. What follows this text calls `put` for each file, then `finish` and `archiving`.
set -euo pipefail
umask 027
CONF=/etc/pgbackrest
REPOSITORIES=/var/lib/pgbackrest
WRITTEN=()
cd "$CONF"

# put NAME MODE: the content is on standard input, as base64.
put() {
  mkdir -p "$(dirname "$1")"
  base64 -d >"$1.new"
  chmod "$2" "$1.new"
  sync "$1.new"
  mv -f "$1.new" "$1"
  WRITTEN+=("$1")
}

# finish: removes every other file, and notes the digest of each one, for a preview to compare with.
finish() {
  local file files=()
  while IFS= read -r -d '' file; do
    if is_written "$file"; then files+=("$file"); else rm -f -- "$file"; fi
  done < <(find . -type f ! -name written.sha256 -printf '%P\0' | sort -z)
  sha256sum -- "${files[@]}" >written.sha256.new
  sync written.sha256.new
  mv -f written.sha256.new written.sha256
  sync .
}

# archiving on|off FILE: whether WAL waits for settings that are not there.
archiving() {
  if [[ $1 == on ]]; then : >"$2"; else rm -f -- "$2"; fi
  sync "$(dirname "$2")"
}

is_written() {
  local one
  for one in "${WRITTEN[@]}"; do [[ $one != "$1" ]] || return 0; done
  return 1
}

# prepare_repositories: pgBackRest makes no folder for its logs. A folder of the engine's machine that was mounted
# here once left an empty one of root.
prepare_repositories() {
  local repository
  mkdir -p "$REPOSITORIES/log"
  for repository in "$REPOSITORIES"/repo*; do
    if [[ -d $repository && ! -w $repository ]]; then rmdir "$repository" 2>/dev/null || true; fi
  done
}
