# shellcheck shell=bash
# shellcheck disable=SC2153,SC2154 # variables are shared by the files that are sourced together
# Checks that the text indexes of this clone are sorted in this server's collation. amcheck verifies each
# btree, and that it holds every row of its table.

LANES=2      # indexes that are checked at the same time
ROUNDS=5     # attempts, because WAL replay can cancel a check
PATIENCE=600 # seconds until the extension has been replayed here

# jsonb, composite types and ranges can contain text too, and sort it by the database's collation.
INDEXES="SELECT a.amname, c.oid, coalesce(pg_catalog.pg_relation_size(c.oid) + pg_catalog.pg_relation_size(i.indrelid), 0),
       pg_catalog.replace(pg_catalog.format('%I.%I', n.nspname, c.relname), E'\n', ' ')
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am a ON a.oid = c.relam
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'i' AND c.relpersistence = 'p' AND i.indisvalid
   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND (0 <> ANY (i.indcollation::oid[]) OR a.amname = 'btree' AND EXISTS (
     SELECT FROM pg_catalog.pg_attribute k JOIN pg_catalog.pg_type t ON t.oid = k.atttypid
      WHERE k.attrelid = c.oid AND (t.typtype IN ('c', 'r') OR t.typname = 'jsonb')))
 ORDER BY 3 DESC"
AMCHECK="SELECT pg_catalog.count(*) FROM pg_catalog.pg_extension WHERE extname = 'amcheck'"

print_verdict() {
  read_collation || return 0 # the primary is one of ours and sorts as this server does: nothing to check
  read_verdict && [[ $VERDICT != unverified ]] || return 1
  printf 'checked %s: %s: %s\n' "$CHECKED" "$VERDICT" "$FOUND"
}

check_indexes() { # check_indexes [LSN]
  local id database begun=$SECONDS
  read_collation || return 0
  id=$(clone_id)
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
  CHECKS=0 OTHERS=() BAD=() OPEN=()
  [[ -z ${1-} ]] || await_wal "$1"
  while IFS= read -rd '' database; do check_database "$database"; done < <(databases)
  conclude "$id" $((SECONDS - begun))
}

# reindex: rebuilds the indexes of a promoted server in its own collation, before it accepts writes.
reindex() {
  read_collation || return 0
  if [[ -e $PGDATA/standby.signal ]]; then
    echo "This server follows a primary and has that server's indexes. They can be rebuilt once it is promoted." >&2
    exit 1
  fi
  PGOPTIONS=$SESSION reindexdb --all --quiet -w -h "$SOCKETS" -U "$SUPERUSER" --maintenance-db=template1
  check_indexes ''
}

await_wal() {
  local i
  for ((i = 0; i < PATIENCE * 4; i++)); do
    [[ $(in_database template1 -c "SELECT pg_catalog.pg_last_wal_replay_lsn() >= '$1'" 2>/dev/null) != t ]] || return 0
    pause 0.25
  done
  echo "The standby has not replayed WAL up to $1 after $PATIENCE s. Its text indexes are not checked." >&2
  exit 1
}

databases() {
  in_database template1 -0 -c 'SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND datconnlimit <> -2 ORDER BY datname'
}

in_database() { # in_database NAME ARGUMENT…
  local name=${1//\\/\\\\}
  PGOPTIONS="$SESSION -c lock_timeout=60s" psql -XAtqw -F '|' -h "$SOCKETS" -U "$SUPERUSER" -d "dbname='${name//\'/\\\'}'" "${@:2}"
}

check_database() {
  local method oid size name round there made=
  local -A NAMES=() SIZES=()
  PENDING=()
  if ! in_database "$1" -c "$INDEXES" >"$WORK/list" 2>"$WORK/error"; then
    OPEN+=("database $1: $(head -n 1 "$WORK/error")")
    return
  fi
  while IFS='|' read -r method oid size name; do
    [[ $oid =~ ^[0-9]+$ && $size =~ ^[0-9]+$ ]] || continue
    NAMES[$oid]="$name ($1)" SIZES[$oid]=$size
    if [[ $method == btree ]]; then PENDING+=("$oid"); else OTHERS+=("${NAMES[$oid]}"); fi
  done <"$WORK/list"
  ((${#PENDING[@]})) || return 0
  visible "$1: ${#PENDING[@]} text indexes"
  echo
  there=$(in_database "$1" -c "$AMCHECK")
  if [[ $there == 0 && ! -e $PGDATA/standby.signal ]]; then
    in_database "$1" -c 'CREATE EXTENSION amcheck SCHEMA pg_catalog'
    there=1 made=yes
  fi
  if [[ $there != 1 ]]; then
    OPEN+=("database $1, which has no extension amcheck")
    return
  fi
  for ((round = 0; round < ROUNDS && ${#PENDING[@]}; round++)); do
    ((round == 0)) || sleep 2
    check_pending "$1"
  done
  for oid in "${PENDING[@]}"; do OPEN+=("${NAMES[$oid]}: ${REASON:-no answer}"); done
  [[ -z $made ]] || in_database "$1" -c 'DROP EXTENSION amcheck'
}

# check_sql OID: calls amcheck's own function, which its extension and its exact signature identify, whatever
# other functions the database has. Then psql prints the OID and the SQLSTATE.
check_sql() {
  cat <<SQL
DO \$laterbase\$
DECLARE
  schema name;
BEGIN
  SELECT n.nspname INTO STRICT schema
    FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_depend d ON d.refobjid = e.oid AND d.deptype = 'e'
     AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.classid = 'pg_catalog.pg_proc'::regclass
    JOIN pg_catalog.pg_proc p ON p.oid = d.objid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
   WHERE e.extname = 'amcheck' AND p.proname = 'bt_index_check' AND l.lanname = 'c'
     AND p.proargtypes = '$REGCLASS_BOOL'::oidvector;
  EXECUTE pg_catalog.format('SELECT %I.bt_index_check(\$1, true)', schema) USING $1::oid::regclass;
END
\$laterbase\$;
\\echo $1 :SQLSTATE
SQL
}
REGCLASS_BOOL='2205 16' # the OIDs of these types are the same on every server

# check_pending DATABASE: checks the indexes in PENDING and leaves those there that need another attempt.
# The largest come first, each in the lane with the least work, so that the lanes end together. Messages of
# the server go to another stream than our lines: they may hold any text.
check_pending() {
  local lane other pids=() reporter oid state
  local -A seen=()
  local load=()
  for ((lane = 0; lane < LANES; lane++)); do load[lane]=0 && : >"$WORK/lane$lane.sql"; done
  for oid in "${PENDING[@]}"; do
    lane=0
    for ((other = 1; other < LANES; other++)); do
      if ((load[other] < load[lane])); then lane=$other; fi
    done
    load[lane]=$((load[lane] + SIZES[$oid]))
    check_sql "$oid" >>"$WORK/lane$lane.sql"
  done
  for ((lane = 0; lane < LANES; lane++)); do
    in_database "$1" -f "$WORK/lane$lane.sql" >"$WORK/lane$lane.out" 2>"$WORK/lane$lane.err" &
    pids+=($!)
  done
  (while pause 10; do echo "$(cat "$WORK"/lane*.out | wc -l) of ${#PENDING[@]} checked"; done) &
  reporter=$!
  wait "${pids[@]}" || true
  kill "$reporter" 2>/dev/null || true
  while read -r oid state; do
    [[ -n ${NAMES[$oid]-} ]] || continue
    case $state in
      00000) CHECKS=$((CHECKS + 1)) ;;
      XX001 | XX002) BAD+=("${NAMES[$oid]}") CHECKS=$((CHECKS + 1)) ;;
      *)
        # A function in an index may raise any code, so the extension itself is looked at.
        if [[ $(in_database "$1" -c "$AMCHECK") == 0 ]]; then
          echo "The extension amcheck was dropped from database $(visible "$1") during the check. The next run checks again." >&2
          exit 1
        fi
        if ! dropped "$1" "$oid"; then
          REASON=$(sed -n -E 's/^psql:[^:]*:[0-9]+: ERROR: +//p' "$WORK"/lane*.err | head -n 1)
          continue
        fi
        ;;
    esac
    seen[$oid]=1
  done < <(cat "$WORK"/lane*.out)
  local left=()
  for oid in "${PENDING[@]}"; do [[ -n ${seen[$oid]-} ]] || left+=("$oid"); done
  PENDING=("${left[@]}")
}

# dropped DATABASE OID: the index was dropped after the list was made. False when nobody can tell.
dropped() {
  [[ $(in_database "$1" -c "SELECT pg_catalog.count(*) FROM pg_catalog.pg_class WHERE oid = $2" 2>/dev/null) == 0 ]]
}

conclude() { # conclude ID SECONDS
  local verdict=verified found
  found="$CHECKS text indexes checked, ${#OTHERS[@]} not btree and unverified"
  ((${#OTHERS[@]} == 0)) || found+=" ($(some "${OTHERS[@]}"))"
  found+=", $2 s"
  if ((${#BAD[@]})); then
    verdict=differs
    found+="; not in this server's order: $(some "${BAD[@]}")"
  elif ((${#OPEN[@]})); then
    verdict=unverified
    found+="; could not be checked: $(some "${OPEN[@]}")"
  fi
  if [[ $1 != "$(clone_id)" ]]; then
    echo "The standby was cloned again while its text indexes were checked. The next run checks again." >&2
    exit 1
  fi
  found=$(visible "$found")
  keep_verdict "$1" "$verdict" "$found"
  publish_collation
  in_database template1 -c 'SELECT pg_catalog.pg_reload_conf()' >/dev/null
  echo "$verdict: $found"
}

# some NAME…: the first five names, and the number of the others.
some() {
  local five
  printf -v five '%s, ' "${@:1:5}"
  five=${five%, }
  (($# <= 5)) || five+=" and $(($# - 5)) more"
  printf '%s' "$five"
}
