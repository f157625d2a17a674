# shellcheck shell=bash
# Applies a new configuration without dropping a client: a trial, one rename, then RELOAD.

# apply: standard input names each file with its number of lines, then gives them; "end" comes last.
# Other files stay as they are.
apply() {
  local next=$ETC/next fresh before=
  receive "$next"
  if [[ -e $next/$INI && ! -e $next/userlist.txt ]]; then fail "userlist.txt is missing beside $INI"; fi
  if unchanged "$next"; then
    rm -rf "$next"
    echo '{"changed":false}'
    return 0
  fi
  [[ ! -e $next/$INI ]] || try "$next"
  [[ ! -e $CURRENT ]] || before=$(readlink "$CURRENT")
  fresh=configuration.$(date +%s%N)
  sync "$next"/* "$next"
  mv -T "$next" "$ETC/$fresh"
  put "$fresh"
  if [[ -e $CURRENT/$INI ]]; then
    load || put_back "$before" "$fresh"
  fi
  # The one before stays: a process may still be reading it. `delivery.*` is the name of older images.
  find "$ETC" -mindepth 1 -maxdepth 1 \( -name 'configuration.*' -o -name 'delivery.*' \) ! -name "$fresh" ! -name "${before:-$fresh}" -exec rm -rf {} +
  echo '{"changed":true}'
}

receive() {
  local name count lines
  rm -rf "$1"
  mkdir "$1"
  [[ ! -e $CURRENT ]] || cp -p "$CURRENT"/* "$1"
  while read -r name count; do
    [[ $name != end ]] || return 0
    [[ $name =~ ^[a-z]+(\.[a-z]+)?$ && $count =~ ^[1-9][0-9]*$ ]] || fail "the name of a file is invalid"
    mapfile -n "$count" lines
    rm -f "$1/$name"
    printf '%s' "${lines[@]}" >"$1/$name"
    chmod 0400 "$1/$name"
  done
  fail "the files are incomplete"
}

unchanged() {
  [[ -e $CURRENT ]] && diff -rq "$1" "$CURRENT/" >/dev/null || return 1
  [[ ! -e $CURRENT/$INI ]] || load
}

# try FOLDER: a second PgBouncer reads the configuration. It listens only on a socket in a temporary folder.
# PgBouncer also starts with a broken userlist and only logs an error. The level of a line is therefore
# the one sign of a mistake in the files; PgBouncer does not translate it.
try() {
  local trial pid complaint answers='' until=$((SECONDS + 10))
  trial=$(mktemp -d)
  {
    cat "$1/$INI"
    printf '\n[pgbouncer]\nlisten_addr =\nunix_socket_dir = %s\nauth_file = %s\n' "$trial" "$1/userlist.txt"
  } >"$trial/$INI"
  pgbouncer "$trial/$INI" >"$trial/log" 2>&1 {LOCK}>&- &
  pid=$!
  while [[ -z $answers ]] && ((SECONDS < until)) && kill -0 "$pid" 2>/dev/null; do
    if SOCKETS=$trial console 5 'SHOW VERSION' >/dev/null 2>&1; then answers=yes; else idle 0.1; fi
  done
  kill -QUIT "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  complaint=$(sed -nE 's/^.* (ERROR|FATAL) //p' "$trial/log" | head -n 1)
  [[ -n $complaint$answers ]] || complaint="it does not start"
  rm -rf "$trial"
  [[ -z $complaint ]] || fail "PgBouncer refuses this configuration and keeps the one it has: $complaint"
}

put() {
  ln -sfn "$1" "$ETC/current.new"
  mv -fT "$ETC/current.new" "$CURRENT"
  sync "$ETC"
}

# load: RELOAD, once PgBouncer answers. The supervisor starts it when the first configuration is there.
load() {
  local i
  for ((i = 0; i < 300; i++)); do
    if console 5 RELOAD >/dev/null 2>&1; then
      differing=$(differences | head -n 1)
      [[ -e $RUN/pause ]] || keep_pools 1
      [[ -z $differing ]]
      return
    fi
    idle 0.1
  done
  differing="PgBouncer does not answer"
  return 1
}

# differences: where PgBouncer and the files disagree. RELOAD leaves some settings until a restart.
differences() {
  awk -F '\t' 'NR == FNR { wanted[$1] = $2; next }
    $3 == "yes" && $1 in wanted && wanted[$1] != $2 { print "its setting " $1 " is " $2 " and not " wanted[$1] }' \
    <(sed -nE '/^\[pgbouncer\]/,$ s/^([a-z_]+) = (.*)$/\1\t\2/p' "$CURRENT/$INI") \
    <(console 10 'SHOW CONFIG' | columns key value changeable)
  diff <(awk -F '\t' '{ mode = $2; size = $3; print substr($0, length($1 mode size) + 4) "\t" mode "\t" size "\t" size }' "$CURRENT/entries" | sort) \
    <(console 10 'SHOW DATABASES' | columns name pool_mode pool_size max_connections | grep -v $'^pgbouncer\t' | sort) |
    sed -nE 's/^[<>] ([^\t]*)\t.*/the entry "\1" differs from the files/p'
}

put_back() {
  if [[ -n $1 ]]; then
    put "$1"
    console 5 RELOAD >/dev/null 2>&1 || true
  fi
  fail "PgBouncer did not accept this configuration${1:+ and uses the previous one again}: $differing"
}
