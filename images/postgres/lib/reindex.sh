# shellcheck shell=bash
# shellcheck disable=SC2153,SC2154 # variables are shared by the files that are sourced together
# Rebuilds the indexes of a promoted server in its own collation, one after the other: one that fails or never ends keeps
# no other from being rebuilt, and a run that was interrupted goes on where it was.

REBUILT=$VOLUME/order.rebuilt # its clone; then a line for each index that was rebuilt here: database, index, filenode
REBUILD_AT_MOST=600           # seconds for one index, and one more for each 256 kB: a function of an index may never end

# Each of them may depend on the order of text: by a column, by an expression, or by the rows that it has. Those of the
# catalog do not.
REBUILDS="SELECT c.oid, c.relfilenode, coalesce(pg_catalog.pg_relation_size(c.oid) + pg_catalog.pg_relation_size(i.indrelid), 0),
       pg_catalog.replace(pg_catalog.format('%I.%I', n.nspname, c.relname), E'\n', ' ')
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'i' AND c.relpersistence = 'p' AND i.indisvalid
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
 ORDER BY 3"

# reindex: rebuilds the indexes of a promoted server in its own collation, before it accepts writes.
reindex() {
  local record rest failed=()
  if [[ ! -f $ETC/collation.json ]]; then
    echo "The primary of this server was one of Laterbase's own, which sorts text in the same way: nothing is rebuilt."
    return 0
  fi
  if ! read_collation; then
    echo "This server has not looked at its collation yet. Run this again in a minute." >&2
    exit 1
  fi
  if [[ -e $PGDATA/standby.signal ]]; then
    echo "This server follows a primary and has that server's indexes. They can be rebuilt once it is promoted." >&2
    exit 1
  fi
  exec {REINDEX_LOCK}>"$RUN/reindex.lock"
  if ! flock -n "$REINDEX_LOCK"; then
    echo "Another run rebuilds the indexes of this server: it goes on also where its command was interrupted. Run this again when it has ended." >&2
    exit 1
  fi
  begin
  read_rebuilt
  if ! in_database template1 -0 -c "$DATABASES" >"$WORK/databases" 2>"$WORK/error"; then
    echo "The databases of this server cannot be listed: $(visible "$(reason "$WORK/error")")" >&2
    exit 1
  fi
  while IFS= read -rd '' record; do
    rest=${record#*|}
    [[ ! ${record%%|*} =~ ^[0-9]+$ ]] || rebuild_database "${record%%|*}" "${rest%%|*}" "${rest#*|}"
  done <"$WORK/databases"
  if ((${#failed[@]})); then
    visible "Not rebuilt: $(some "${failed[@]}"). The others are, and stay so. Do what is named, and run this again." >&2
    echo >&2
    exit 1
  fi
  check_indexes ''
}

# read_rebuilt: DONE has what was rebuilt on this clone since its promotion.
read_rebuilt() {
  local id='' line
  declare -gA DONE=()
  { read -r id || true; } 2>/dev/null <"$REBUILT" || true
  if [[ $id != "$CLONE" ]]; then
    printf '%s\n' "$CLONE" >"$REBUILT"
    return 0
  fi
  while IFS= read -r line; do DONE[$line]=1; done <"$REBUILT"
}

# rebuild_database OID ADMITS NAME: what cannot be rebuilt is added to `failed`.
rebuild_database() {
  local here=$1 name=$3 oid filenode size index n=0 todo=()
  if [[ $2 != t ]]; then
    visible "$name admits no connections: its indexes stay as they are"
    echo
    return
  fi
  if ! in_database "$name" -c "$REBUILDS" >"$WORK/list" 2>"$WORK/error"; then
    failed+=("database $name: $(reason "$WORK/error")")
    return
  fi
  while IFS='|' read -r oid filenode size index; do
    [[ $oid =~ ^[0-9]+$ && $filenode =~ ^[0-9]+$ && $size =~ ^[0-9]+$ ]] || continue
    [[ -n ${DONE["$here $oid $filenode"]-} ]] || todo+=("$oid|$size|$index")
  done <"$WORK/list"
  while ((n < ${#todo[@]})); do
    IFS='|' read -r oid size index <<<"${todo[n]}"
    n=$((n + 1))
    visible "$name: index $n of ${#todo[@]}, $index, $((size >> 20)) MB"
    echo
    rebuild_index "$here" "$name" "$oid" "$size" || failed+=("$index ($name): $(why_not_rebuilt)")
  done
}

# rebuild_index DATABASE-OID NAME OID SIZE. False when it is still there and was not rebuilt.
rebuild_index() {
  local fresh
  if fresh=$(in_database "$2" -v ON_ERROR_STOP=1 -c "SET statement_timeout = '$((REBUILD_AT_MOST + $4 / 262144))s'" \
    -c "DO \$laterbase\$ BEGIN EXECUTE pg_catalog.format('REINDEX INDEX %s', $3::oid::regclass); END \$laterbase\$" \
    -c "SELECT relfilenode FROM pg_catalog.pg_class WHERE oid = $3" 2>"$WORK/error"); then
    [[ ! $fresh =~ ^[0-9]+$ ]] || printf '%s %s %s\n' "$1" "$3" "$fresh" >>"$REBUILT"
    return 0
  fi
  dropped "$2" "$3"
}

# why_not_rebuilt: the server's own words, also the rows that it names.
why_not_rebuilt() {
  local said detail
  said=$(reason "$WORK/error")
  detail=$(sed -n 's/^DETAIL:  *//p' "$WORK/error" | head -n 1)
  printf '%s' "${said#ERROR:  }${detail:+ ($detail)}"
}
