# shellcheck shell=bash disable=SC2154
# Prints one line of JSON: everything that defines our objects on the primary. The lines after it are about
# pgBackRest's configuration: the digests of its files as they were written, an empty line, and as they are now.
step_apply() {
  sql sql_observe
  if [ -n "$CONF" ] && [ -d "$CONF" ]; then
    cd "$CONF" || exit
    cat written.sha256 2>/dev/null || true
    echo
    find . -type f ! -name written.sha256 -printf '%P\0' | sort -z | xargs -0r sha256sum -- 2>/dev/null || true
  fi
}
