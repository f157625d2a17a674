# shellcheck shell=bash
# shellcheck disable=SC2153,SC2154 # variables are shared by the files that are sourced together
# Checks that the text indexes of this clone are sorted in this server's collation. amcheck verifies each
# btree, and that it holds every row of its table. What is found is kept for each index, so that an index that
# was added, dropped or built again changes the verdict, and a later check takes only those that lack one.

LANES=2       # indexes that are checked at the same time
ROUNDS=5      # attempts, because WAL replay can cancel a check
PATIENCE=600  # seconds until the extension has been replayed here
AT_MOST=120   # seconds for one index, and one more for each 2 MB of it: a function of an index may never end
RETRY=86400   # seconds after which what could not be checked is tried again
FINDINGS=$VOLUME/order.indexes # its clone, time and duration; then a line for each index, see keep

# jsonb, composite types and ranges can contain text too, and sort it by the database's collation. So do domains
# over them and arrays of them.
INDEXES="SELECT a.amname, c.oid, c.relfilenode, coalesce(pg_catalog.pg_relation_size(c.oid) + pg_catalog.pg_relation_size(i.indrelid), 0),
       pg_catalog.replace(pg_catalog.format('%I.%I', n.nspname, c.relname), E'\n', ' ')
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am a ON a.oid = c.relam
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'i' AND c.relpersistence = 'p' AND i.indisvalid
   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND (0 <> ANY (i.indcollation::oid[]) OR a.amname = 'btree' AND EXISTS (
     SELECT FROM pg_catalog.pg_attribute k WHERE k.attrelid = c.oid AND EXISTS (
       WITH RECURSIVE inner_types AS (
         SELECT k.atttypid AS oid
         UNION SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END
           FROM inner_types JOIN pg_catalog.pg_type t USING (oid) WHERE t.typtype = 'd' OR t.typcategory = 'A')
       SELECT FROM inner_types JOIN pg_catalog.pg_type t USING (oid)
        WHERE t.typtype IN ('c', 'r', 'm') OR t.typname = 'jsonb')))
 ORDER BY 4 DESC"
AMCHECK="SELECT pg_catalog.count(*) FROM pg_catalog.pg_extension WHERE extname = 'amcheck'"
# template0 has nothing of anybody. A connection limit of -2 marks a database whose drop was interrupted.
DATABASES="SELECT oid, datallowconn, datname FROM pg_catalog.pg_database
 WHERE datname <> 'template0' AND datconnlimit <> -2 ORDER BY datname"

# refresh: counts the findings again, with the indexes that there are now, and publishes the verdict.
refresh() {
  read_collation || return 0
  begin
  survey count || return 1
  [[ -z $TAKEN ]] || settle
}

# print_verdict: false when something has not been checked.
print_verdict() {
  read_collation || return 0 # the primary is one of ours and sorts as this server does: nothing to check
  if refresh; then
    [[ -n $TAKEN ]] && ((${#UNCHECKED[@]} + ${#OPEN[@]} == 0)) || return 1
  else
    # The server does not answer: the last verdict counts.
    read_verdict && [[ $VERDICT != unverified ]] || return 1
  fi
  printf 'checked %s: %s: %s\n' "$CHECKED" "$VERDICT" "$FOUND"
}

# look: one line of JSON for `preview`, which must change nothing: whether a check or a refresh is due.
look() {
  local published=unverified due=''
  read_collation || return 0
  begin
  survey count || exit 1
  read_verdict && published=$VERDICT
  judge
  if [[ -z $TAKEN ]]; then
    due=cloned
  elif ((${#UNCHECKED[@]})); then
    due=unchecked
  elif ((${#OPEN[@]} && $(printf '%(%s)T' -1) - $(date -d "$TAKEN" +%s) > RETRY)); then
    due=retry
  elif [[ $VERDICT != "$published" && -z $COLLATION_FAULT ]]; then
    due=changed
  fi
  # A promoted server follows no primary that could lend it amcheck.
  [[ -e $PGDATA/standby.signal ]] || due=''
  printf '{"due":"%s","unchecked":%d,"open":%d}\n' "$due" "${#UNCHECKED[@]}" "${#OPEN[@]}"
}

# check_indexes [LSN [OID=SENTENCE…]]: a sentence says why the primary has no amcheck in that database.
check_indexes() {
  local id lsn=${1-} one begun=$SECONDS
  read_collation || return 0
  declare -gA WHY=()
  for one in "${@:2}"; do WHY[${one%%=*}]=${one#*=}; done
  begin
  id=$CLONE
  [[ -z $lsn ]] || await_wal "$lsn"
  survey check || exit 1
  if [[ $id != "$(clone_id)" ]]; then
    echo "The standby was cloned again while its text indexes were checked. The next run checks again." >&2
    exit 1
  fi
  TAKEN=$(utc) TOOK=$((SECONDS - begun))
  { printf '%s\n' "$id" "$TAKEN" "$TOOK" && cat "$WORK/findings"; } >"$FINDINGS.new"
  sync "$FINDINGS.new"
  mv -f "$FINDINGS.new" "$FINDINGS"
  settle
  judge
  echo "$VERDICT: $FOUND"
}

# begin: reads the findings of this clone: KNOWN by "database index filenode", and TAKEN, which is empty when
# there are none.
begin() {
  local id line
  declare -gA KNOWN=()
  TAKEN='' TOOK=0 CLONE=$(clone_id)
  if [[ -z ${WORK-} ]]; then
    WORK=$(mktemp -d)
    # A process in the background that is ended before it has reset its traps would run this one too.
    trap '[[ $BASHPID != "$$" ]] || rm -rf "$WORK"' EXIT
  fi
  [[ -f $FINDINGS ]] || return 0
  {
    read -r id && [[ $id == "$CLONE" ]] && read -r TAKEN && read -r TOOK || return 0
    while IFS= read -r line; do
      [[ $line =~ ^([0-9]+\ [0-9]+\ [0-9]+)\ (.*)$ ]] && KNOWN[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
    done
  } <"$FINDINGS"
  [[ $TOOK =~ ^[0-9]+$ ]] || TOOK=0
}

# survey MODE: every text index with what is known about it; `check` checks those without a result first.
survey() {
  local record rest
  CHECKS=0 OTHERS=() BAD=() OPEN=() UNCHECKED=()
  : >"$WORK/findings"
  if ! in_database template1 -0 -c "$DATABASES" >"$WORK/databases" 2>"$WORK/error"; then
    echo "The databases of this standby cannot be listed: $(visible "$(reason "$WORK/error")")" >&2
    return 1
  fi
  while IFS= read -rd '' record; do
    rest=${record#*|}
    [[ ! ${record%%|*} =~ ^[0-9]+$ ]] || survey_database "$1" "${record%%|*}" "${rest%%|*}" "${rest#*|}"
  done <"$WORK/databases"
}

# survey_database MODE OID ADMITS NAME
survey_database() {
  local mode=$1 here=$2 name=$4 method oid filenode size index key shut=''
  local -A NAMES=() SIZES=() KEYS=() REASONS=()
  PENDING=()
  if [[ $3 != t ]]; then
    unusable "it admits no connections"
    return
  elif ! in_database "$name" -c "$INDEXES" >"$WORK/list" 2>"$WORK/error"; then
    unusable "$(reason "$WORK/error")"
    return
  fi
  while IFS='|' read -r method oid filenode size index; do
    [[ $oid =~ ^[0-9]+$ && $filenode =~ ^[0-9]+$ && $size =~ ^[0-9]+$ ]] || continue
    NAMES[$oid]="$index ($name)" SIZES[$oid]=$size KEYS[$oid]="$here $oid $filenode"
    if [[ $method != btree ]]; then
      OTHERS+=("${NAMES[$oid]}")
    elif [[ $mode == check && ! ${KNOWN[${KEYS[$oid]}]-} =~ ^(ok|bad) ]]; then
      PENDING+=("$oid")
    else
      found "$oid" "${KNOWN[${KEYS[$oid]}]-}"
    fi
  done <"$WORK/list"
  [[ $mode != check ]] || ((${#PENDING[@]} == 0)) || check_database "$name"
  [[ -z $shut ]] || OPEN+=("database $name: $shut")
}

# unusable SENTENCE: nothing of this database can be seen. What is known about its indexes stays.
unusable() {
  local key
  OPEN+=("database $name: $1")
  for key in "${!KNOWN[@]}"; do
    [[ $key != "$here "* ]] || keep "$key" "${KNOWN[$key]}"
  done
}

# keep KEY STATE: a line of the findings. STATE is ok or bad; open, with the reason why this index could not be
# checked; or shut, with the reason why no index of its database could.
keep() { printf '%s %s\n' "$1" "$(visible "$2")" >>"$WORK/findings"; }

# found OID [STATE]: counts an index, and keeps what is known about it.
found() {
  local state=${2-}
  case $state in
    ok) CHECKS=$((CHECKS + 1)) ;;
    bad) CHECKS=$((CHECKS + 1)) BAD+=("${NAMES[$1]}") ;;
    open\ *) OPEN+=("${NAMES[$1]}: ${state#open }") ;;
    shut\ *) shut=${state#shut } ;;
    *)
      UNCHECKED+=("${NAMES[$1]}")
      return
      ;;
  esac
  keep "${KEYS[$1]}" "$state"
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

in_database() { # in_database NAME ARGUMENT…
  local name=${1//\\/\\\\}
  PGOPTIONS="$SESSION -c lock_timeout=60s" psql -XAtqw -F '|' -h "$SOCKETS" -U "$SUPERUSER" -d "dbname='${name//\'/\\\'}'" "${@:2}"
}

# reason FILE: what psql said, in one line. A failed look keeps the file of messages.
reason() {
  local line
  line=$(head -n 1 "$1")
  line=${line#psql: }
  printf '%s' "${line:-psql gave no reason}"
}

check_database() { # check_database NAME
  local oid round there made=
  visible "$1: ${#PENDING[@]} text indexes"
  echo
  there=$(in_database "$1" -c "$AMCHECK" 2>/dev/null) || true
  if [[ $there == 0 && ! -e $PGDATA/standby.signal ]]; then
    if in_database "$1" -c 'CREATE EXTENSION amcheck SCHEMA pg_catalog' 2>"$WORK/error"; then
      there=1 made=yes
    else
      WHY[$here]=$(reason "$WORK/error")
    fi
  fi
  if [[ $there != 1 ]]; then
    shut_out "${WHY[$here]-it has no extension amcheck}"
    return
  fi
  for ((round = 0; round < ROUNDS && ${#PENDING[@]}; round++)); do
    ((round == 0)) || pause 2
    check_pending "$1" "$round"
  done
  for oid in "${PENDING[@]}"; do found "$oid" "open ${REASONS[$oid]:-no answer}"; done
  [[ -z $made ]] || in_database "$1" -c 'DROP EXTENSION amcheck' || true
}

# shut_out SENTENCE: none of the pending indexes of this database can be checked.
shut_out() {
  local oid
  for oid in "${PENDING[@]}"; do
    [[ -n ${seen[$oid]-} ]] || found "$oid" "shut $1"
  done
  PENDING=()
}

# check_sql OID: calls amcheck's own function, which its extension and its exact signature identify, whatever
# other functions the database has. Then the OID, the SQLSTATE and the message as hexadecimal digits: it may
# hold any text.
check_sql() {
  local seconds=$((AT_MOST + SIZES[$1] / 2097152))
  cat <<SQL
SET statement_timeout = '${seconds}s';
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
SELECT 'index', '$1', :'SQLSTATE', pg_catalog.encode(pg_catalog.convert_to(pg_catalog.left(:'LAST_ERROR_MESSAGE', 300), 'UTF8'), 'hex');
SQL
}
REGCLASS_BOOL='2205 16' # the OIDs of these types are the same on every server

# check_pending DATABASE ROUND: checks the indexes in PENDING and leaves those there that need another attempt.
# The largest come first, each in the lane with the least work, so that the lanes end together. In a later
# round each has a session of its own: a function of one may have ended the session of others.
check_pending() {
  local lane other pids=() reporter oid state message word left=()
  local -A seen=()
  local load=()
  for ((lane = 0; lane < LANES; lane++)); do load[lane]=0 && : >"$WORK/lane$lane.sql" && : >"$WORK/lane$lane.out"; done
  for oid in "${PENDING[@]}"; do
    lane=0
    for ((other = 1; other < LANES; other++)); do
      if ((load[other] < load[lane])); then lane=$other; fi
    done
    load[lane]=$((load[lane] + SIZES[$oid]))
    if (($2)); then printf '%s\n' "$oid"; else check_sql "$oid"; fi >>"$WORK/lane$lane.sql"
  done
  for ((lane = 0; lane < LANES; lane++)); do
    run_lane "$1" "$2" "$lane" &
    pids+=($!)
  done
  (while pause 10; do echo "$(cat "$WORK"/lane*.out | wc -l) of ${#PENDING[@]} checked"; done) &
  reporter=$!
  wait "${pids[@]}" || true
  kill "$reporter" 2>/dev/null || true
  while IFS='|' read -r word oid state message; do
    [[ $word == index && -n ${NAMES[$oid]-} && -z ${seen[$oid]-} ]] || continue
    seen[$oid]=1
    case $state in
      00000) found "$oid" ok ;;
      XX001 | XX002) found "$oid" bad ;;
      # Replay cancelled it, or another session holds a lock.
      40001 | 40P01 | 55P03) seen[$oid]='' ;;
      *)
        unhex message "$message" || message="error $state"
        REASONS[$oid]=${message//$'\n'/ }
        # A function in an index may raise any code, so the extension itself is looked at.
        if [[ $(in_database "$1" -c "$AMCHECK" 2>/dev/null) == 0 ]]; then
          seen[$oid]=''
          shut_out "the extension amcheck was dropped during the check"
          return
        fi
        dropped "$1" "$oid" || found "$oid" "open ${REASONS[$oid]}"
        ;;
    esac
  done < <(cat "$WORK"/lane*.out)
  for oid in "${PENDING[@]}"; do [[ -n ${seen[$oid]-} ]] || left+=("$oid"); done
  PENDING=("${left[@]}")
}

# run_lane DATABASE ROUND LANE. Messages of the server go to another stream than our lines.
run_lane() {
  local oid
  if (($2 == 0)); then
    in_database "$1" -f "$WORK/lane$3.sql" >"$WORK/lane$3.out" 2>/dev/null
    return
  fi
  while read -r oid; do
    in_database "$1" -f <(check_sql "$oid") >>"$WORK/lane$3.out" 2>/dev/null || true
  done <"$WORK/lane$3.sql"
}

# dropped DATABASE OID: the index was dropped after the list was made. False when nobody can tell.
dropped() {
  [[ $(in_database "$1" -c "SELECT pg_catalog.count(*) FROM pg_catalog.pg_class WHERE oid = $2" 2>/dev/null) == 0 ]]
}

# judge: sets VERDICT and FOUND by what the survey has counted.
judge() {
  VERDICT=verified
  FOUND="$CHECKS text indexes checked, ${#OTHERS[@]} not btree and unverified"
  ((${#OTHERS[@]} == 0)) || FOUND+=" ($(some "${OTHERS[@]}"))"
  FOUND+=", $TOOK s"
  if ((${#UNCHECKED[@]})); then
    VERDICT=unverified
    FOUND+="; not checked yet: $(some "${UNCHECKED[@]}")"
  fi
  if ((${#OPEN[@]})); then
    VERDICT=unverified
    FOUND+="; could not be checked: $(some "${OPEN[@]}")"
  fi
  if ((${#BAD[@]})); then
    VERDICT=differs
    FOUND+="; not in this server's order: $(some "${BAD[@]}")"
  fi
  FOUND=$(visible "$FOUND")
}

# settle: keeps the verdict and publishes it. The server reads it again when it has changed.
settle() {
  local before='' after=''
  read -r before 2>/dev/null <"$RUN/collation" || true
  judge
  keep_verdict "$CLONE" "$VERDICT" "$TAKEN" "$FOUND"
  publish_collation
  read -r after 2>/dev/null <"$RUN/collation" || true
  [[ $before == "$after" ]] || in_database template1 -c 'SELECT pg_catalog.pg_reload_conf()' >/dev/null
}

# some NAME…: the first five names, and the number of the others.
some() {
  local five
  printf -v five '%s, ' "${@:1:5}"
  five=${five%, }
  (($# <= 5)) || five+=" and $(($# - 5)) more"
  printf '%s' "$five"
}
