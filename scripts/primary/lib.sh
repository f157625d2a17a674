# shellcheck shell=bash disable=SC2153
# Every step begins with this. The head of the script, which script.ts renders, gives the values:
#   PSQL VERSION SUDO_AS LOGIN WHERE HBA_HINT CONNINFO SPARE_DATABASE OPTIONS PLAIN_OPTIONS PGPASS_LINE SQL_ARGS
#   SQL_LATE REMAINS
#   UNREACHABLE LOGIN_REFUSED LOCKED NOT_READY (exit codes, see exitCodes.ts)
# It arrives on stdin of `bash -s -- apply|repair|remove`, on Linux and on macOS (bash 3.2).
set -euo pipefail
umask 077
export LC_ALL=C PGCLIENTENCODING=UTF8
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGPASSWORD PGOPTIONS PGSERVICE
cd /

work=$(mktemp -d "${TMPDIR:-/tmp}/laterbase.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# fail CODE SENTENCE...
fail() {
  local code=$1
  shift
  printf '%s\n' "$@" >&2
  exit "$code"
}

die() { fail 1 "$@"; }

# give_up CODE SENTENCE...: the server cannot be used. Destroy then also says what remains there.
give_up() {
  if [ "$mode" = remove ] && [ -n "$REMAINS" ]; then fail "$@" "$REMAINS"; fi
  fail "$@"
}

# A non-login shell on a Mac has a bare PATH, so the usual places of PostgreSQL are tried too.
find_psql() {
  local candidate
  for candidate in "$PSQL" \
    "/Library/PostgreSQL/$VERSION/bin/psql" \
    "/Library/Application Support/PostgreSQL/$VERSION/bin/psql" \
    "/Applications/Postgres.app/Contents/Versions/$VERSION/bin/psql" \
    "/opt/homebrew/opt/postgresql@$VERSION/bin/psql" "/opt/homebrew/opt/libpq/bin/psql" \
    "/usr/local/opt/postgresql@$VERSION/bin/psql" "/usr/local/opt/libpq/bin/psql" \
    "/usr/lib/postgresql/$VERSION/bin/psql" "/usr/pgsql-$VERSION/bin/psql"; do
    if command -v "$candidate" >/dev/null 2>&1; then
      command -v "$candidate"
      return
    fi
    [ "$PSQL" = psql ] || break
  done
  give_up 1 "There is no psql at \"$PSQL\" on this machine: set laterbase:primary.access.psql to its path."
}

# SQL on stdin. The password is only in a file that this script removes at its end. psql never asks for one
# (-w): it would wait for a terminal, or read our SQL as the password.
run_psql() {
  local conninfo="$CONNINFO${DATABASE:-$(cat "$work/database" 2>/dev/null)} $OPTIONS"
  if [ -n "$SUDO_AS" ]; then
    sudo -n -u "$SUDO_AS" -- "$psql" -X -q -A -t -w -v ON_ERROR_STOP=1 -d "$conninfo" -f -
  else
    PGPASSFILE="$work/pgpass" "$psql" -X -q -A -t -w -v ON_ERROR_STOP=1 -d "$conninfo" -f -
  fi
}

# sql <function that prints SQL>...: runs them in one session. When that fails, this script ends.
sql() {
  local rc=0
  attempt "$@" || rc=$?
  if refused "$rc" && answers; then
    rc=0
    other_ways "$@" || rc=$?
  fi
  [ "$rc" -eq 0 ] || failed "$rc"
  sed -e 1d -e '/^$/d' "$work/out"
}

# The first line of the output is "connected": a failure after it is not a refused login.
late=
attempt() {
  local part
  {
    printf '%s\n' '\echo connected' '\set VERBOSITY verbose' '\set SHOW_CONTEXT never' "$SQL_ARGS" "\\set mode '$mode'" "$late"
    sql_begin
    for part in "$@"; do "$part"; done
  } >"$work/in"
  run_psql <"$work/in" >"$work/out" 2>"$work/err"
}

# refused CODE: psql got no session.
refused() { [ "$1" -eq 2 ] && [ ! -s "$work/out" ]; }

# answers: a server answers, or nobody can tell.
answers() {
  local answer=0
  ask || answer=$?
  [ "$answer" -eq 0 ] || [ "$answer" -eq 3 ]
}

# other_ways <function that prints SQL>...: the server refuses the login. It may be of another major, or the
# login no superuser's: then it refuses a setting. The sentence that says so needs a session, and a session
# with the plain settings has no more rights than it can have. Or the server has no database "postgres",
# which an owner can drop; template1 is on every server. A file notes that, because most sessions begin in a
# subshell.
DATABASE=
other_ways() {
  local rc=2 options=$OPTIONS
  cp "$work/err" "$work/refusal"
  OPTIONS=$PLAIN_OPTIONS late=$SQL_LATE
  if [ "$options" != "$PLAIN_OPTIONS" ]; then
    rc=0
    attempt "$@" || rc=$?
  fi
  if refused "$rc" && [ -n "$SPARE_DATABASE" ] && [ ! -e "$work/database" ]; then
    printf ' dbname=%s' "$SPARE_DATABASE" >"$work/database"
    rc=0
    attempt "$@" || rc=$?
    if refused "$rc"; then rm -f "$work/database"; else OPTIONS=$options late=''; fi
  fi
  # The first refusal says best what is wrong.
  if refused "$rc"; then cp "$work/refusal" "$work/err"; fi
  return "$rc"
}

# say <function that prints SQL>...: runs them in one session, and prints what they did.
say() { sql "$@" sql_said | visible; }

# in_each <function that prints SQL>...: runs them in every database, each in a session of its own.
in_each() {
  local name
  sql sql_databases >"$work/databases"
  while IFS= read -r name; do
    in_database "$name" "$@"
  done <"$work/databases"
}

# in_database NAME <function that prints SQL>...: the name is hexadecimal digits.
in_database() {
  local quoted DATABASE SPARE_DATABASE=''
  quoted=$(conninfo_value "$1") || exit 1
  DATABASE=" dbname=$quoted"
  shift
  sql "$@"
}

# conninfo_value HEX: the bytes, quoted for a connection string. What a server says is never shell text: it
# comes as digits, and anything else is refused.
conninfo_value() {
  local hex=$1 escaped='' pair
  case $hex in *[!0-9a-f]* | '') die "The primary at $WHERE gave a name that is not made of hexadecimal digits." ;; esac
  while [ -n "$hex" ]; do
    pair=${hex%"${hex#??}"}
    hex=${hex#??}
    case $pair in 27 | 5c) escaped="$escaped\\x5c" ;; esac
    escaped="$escaped\\x$pair"
  done
  printf "'%b'" "$escaped"
}

# visible: control characters, and those that turn the direction of text, as question marks.
visible() {
  tr '\001-\010\013-\037\177' '?' | sed -e $'s/\302[\200-\237]/?/g' \
    -e $'s/\342\200[\216\217\252-\256]/?/g' -e $'s/\342\201[\246-\251]/?/g'
}

# failed CODE: explains why psql ended. It ends with 3 when a statement failed, and with 2 when there is no
# connection. Every decision is made by a code: a server may speak any language.
failed() {
  local said
  said=$(complaint)
  if [ "$1" -eq 3 ]; then
    # 55P03: lock_not_available
    [ "$(sqlstate)" != 55P03 ] ||
      fail "$LOCKED" "Another run of Laterbase is at work on the primary at $WHERE: try again." "$said"
    die "$said"
  fi
  if [ -n "$SUDO_AS" ] && ! sudo -n -u "$SUDO_AS" -- "$psql" --version >/dev/null 2>&1; then
    give_up 1 "sudo does not let this login run psql as \"$SUDO_AS\" without a password." "$said"
  fi
  if [ -s "$work/out" ]; then
    give_up "$UNREACHABLE" "The primary at $WHERE ended the connection." "$said"
  fi
  local answer=0
  ask || answer=$?
  case $answer in
    0) give_up "$LOGIN_REFUSED" "$(about_login "$said" || echo "The primary at $WHERE refuses the login of \"$LOGIN\".")" "$said" ;;
    1) give_up "$NOT_READY" "The primary at $WHERE is starting or stopping: try again in a moment." "$said" ;;
    2) give_up "$UNREACHABLE" "$(about_silence "$said" || echo "Nothing answers at $WHERE.")" "$said" ;;
  esac
  give_up "$UNREACHABLE" "$(about_login "$said" || about_silence "$said" || echo "The primary at $WHERE cannot be used.")" "$said"
}

# ask: 0 when a server answers, 1 when it accepts no logins at the moment, 2 when nothing answers, and 3
# when this is unknown because there is no pg_isready.
ask() {
  local isready=${psql%/*}/pg_isready
  [ -x "$isready" ] || isready=$(command -v pg_isready) || return 3
  "$isready" -q -t 3 -d "$CONNINFO" >/dev/null 2>&1
}

# sqlstate: the code of the statement that failed. psql prints it behind the severity.
sqlstate() { sed -n -E 's/^psql:[^:]*:[0-9]+: [^: ]+:  ([0-9A-Z]{5}): .*/\1/p' "$work/err" | head -n 1; }

# complaint: what psql said, without what VERBOSITY adds, and what the server advises. A sentence that psql says
# for each address is there once.
complaint() {
  {
    sed -E -e '/^(DETAIL|HINT|QUERY|CONTEXT|LINE [0-9]+|[A-Z]+ NAME|LOCATION): /,$d' \
      -e 's/^psql:[^:]*:[0-9]+: //' -e 's/^psql: //' -e 's/^error: //' \
      -e 's/^[^: ]+:  +([0-9A-Z]{5}: )?//' "$work/err"
    sed -n -E 's/^(HINT: ) +/\1/p' "$work/err" | head -n 1
  } | awk '{ said = $0; sub(/^connection to server .* failed: /, "", said) } !seen[said]++' | visible
}

# about_login SAID: a more exact sentence, where the server speaks English. It chooses words only: the
# exit code is decided by `ask`.
about_login() {
  local from
  case $1 in
    *'no password supplied'* | *'password authentication failed'* | *'eer authentication failed'*)
      if [ -n "$SUDO_AS" ]; then
        echo "The primary at $WHERE does not let \"$LOGIN\" in on its own socket without a password, and sudo as \"$SUDO_AS\" gives none."
        echo "Put the line \"local all $LOGIN peer\" at the top of its pg_hba.conf and reload it, or set laterbase:primary.access.sudo to false and laterbase:primary.superuser.password."
      else
        echo "The primary at $WHERE refused the password of \"$LOGIN\"."
      fi ;;
    *pg_hba.conf*)
      from=$(printf '%s\n' "$1" | sed -n -e 's/.*[ "]\([0-9][0-9]*\.[0-9.]*\)["«,].*/\1/p' \
        -e 's/.*"\([0-9a-f]*:[0-9a-f:]*\)".*/\1/p' | head -n 1)
      echo "The primary at $WHERE has no pg_hba.conf entry that lets \"$LOGIN\" in from ${from:-this address}$HBA_HINT." ;;
    *'not currently accepting connections'*)
      echo "A database of the primary at $WHERE accepts no connections. If a restore gives it its name, that lasts a moment: try again. Otherwise ALTER DATABASE ALLOW_CONNECTIONS true lets clients in." ;;
    *'max_wal_senders'*) echo "The primary at $WHERE has no free wal sender: raise max_wal_senders." ;;
    *) return 1 ;;
  esac
}

# about_silence SAID: a more exact sentence, where this machine speaks English. It chooses words only too.
about_silence() {
  case $1 in
    *'onnection refused'* | *'No such file or directory'*)
      echo "Nothing answers at $WHERE: the connection was refused (is the server up, and does its listen_addresses include that address?)." ;;
    *'imeout expired'* | *'timed out'*)
      echo "The primary at $WHERE did not answer in time."
      echo "If it sleeps, wake it; if it has another address now, set laterbase:primary.host." ;;
    *'o route to host'*)
      echo "No machine is at $WHERE: it sleeps, or it has another address now. Set laterbase:primary.host to the new one." ;;
    *'could not translate host name'*) echo "The name in $WHERE cannot be resolved from here." ;;
    *) return 1 ;;
  esac
}

main() {
  mode=${1:-}
  case $mode in
    apply | repair | remove) ;;
    # States that commit 2c41f5a or an older one made have `mend` in their `update` command.
    mend) mode=repair ;;
    *) die "usage: bash -s -- apply|repair|remove" ;;
  esac
  if [ "$mode" = remove ] && ! command -v "step_remove" >/dev/null; then return 0; fi
  psql=$(find_psql)
  if [ -z "$SUDO_AS" ]; then printf '%s\n' "$PGPASS_LINE" >"$work/pgpass"; fi
  if [ "$mode" = remove ]; then step_remove; else step_apply; fi
}
